namespace VnaCloud.Archive;

/// <summary>
/// The store cannot do this now: not reached, refusing (credentials, bucket), overloaded past every retry, or not to be trusted with what
/// it answered. Nothing was acknowledged; the same request may succeed later (503). The message says what to check and has no patient data.
/// </summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
