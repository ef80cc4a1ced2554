namespace VnaCloud.Server.Http.Multipart;

/// <summary>The body is not what RFC 2046 and PS3.18 8.6.1 ask for, or is past a limit. Parts read before it stay good.</summary>
internal sealed class MultipartFormatException(MultipartFault fault, string message) : Exception(message)
{
    public MultipartFault Fault { get; } = fault;

    /// <summary>The HTTP status that says so to the client.</summary>
    public int StatusCode => Fault switch
    {
        MultipartFault.TooLarge => StatusCodes.Status413PayloadTooLarge,
        MultipartFault.Unsupported => StatusCodes.Status415UnsupportedMediaType,
        _ => StatusCodes.Status400BadRequest,
    };
}

internal enum MultipartFault
{
    /// <summary>Delimiters or headers do not follow the syntax, or the body ends too early.</summary>
    Malformed,

    /// <summary>A limit of <see cref="MultipartLimits"/> is passed.</summary>
    TooLarge,

    /// <summary>A part is encoded or typed in a way that is not taken.</summary>
    Unsupported,
}
