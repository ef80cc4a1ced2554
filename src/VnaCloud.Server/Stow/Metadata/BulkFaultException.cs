using VnaCloud.Archive;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>An instance cannot be made of its metadata and bulk data; the other instances of the request can.</summary>
internal sealed class BulkFaultException(FailureReason reason, string message) : Exception(message)
{
    public FailureReason Reason { get; } = reason;

    /// <summary>The bytes are not what their media type says.</summary>
    public static BulkFaultException Unreadable(string message) => new(FailureReason.CannotUnderstand, message);
}
