namespace VnaCloud.Imaging;

/// <summary>There is no codec worker: the message says how to get it.</summary>
public sealed class CodecUnavailableException(string message) : Exception(message);

/// <summary>All codec workers are taken, and too many requests wait for them: try again later.</summary>
public sealed class CodecBusyException() : Exception("All codec workers are busy.");

/// <summary>A codec worker crashed, hung or answered nonsense over a frame. It is replaced; this one request failed.</summary>
public sealed class CodecCrashException(string reason) : Exception($"The codec worker {reason}.")
{
    /// <summary>What happened: "crashed", "took too long", "answered nonsense".</summary>
    public string Reason { get; } = reason;
}
