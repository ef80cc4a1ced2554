namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>An instance to send.</summary>
/// <param name="StudyUid">Study Instance UID.</param>
/// <param name="SeriesUid">Series Instance UID.</param>
/// <param name="SopUid">SOP Instance UID.</param>
/// <param name="SopClassUid">SOP Class UID.</param>
/// <param name="TransferSyntaxUid">As it is stored; empty when the archive does not say.</param>
internal sealed record RetrieveTarget(string StudyUid, string SeriesUid, string SopUid, string SopClassUid, string TransferSyntaxUid)
{
    /// <summary>A file of the spool that holds it, PS3.10; null when the archive is asked.</summary>
    public string? LocalPath { get; init; }
}
