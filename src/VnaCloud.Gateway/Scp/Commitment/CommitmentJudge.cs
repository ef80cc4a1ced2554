using VnaCloud.Dicom;
using VnaCloud.DicomWeb;

namespace VnaCloud.Gateway.Scp.Commitment;

/// <summary>
/// Asks the archive which instances it answers for: by its commitment service (PS3.18 section 13), or, where it has none, by searching for each instance and its class.
/// </summary>
internal sealed partial class CommitmentJudge(DicomWebClient archive, ILogger<CommitmentJudge> logger)
{
    private const int SearchedAtOnce = 50;
    private const ushort NoSuchInstance = 0x0112;
    private const ushort ClassInstanceConflict = 0x0119;

    /// <summary>The record with the archive's word; null while it gives none.</summary>
    public async Task<CommitmentRecord?> JudgeAsync(CommitmentRecord record, CancellationToken cancellation)
    {
        var references = record.Items.Select(item => new CommitmentReference(item.SopClassUid, item.SopInstanceUid)).ToList();
        var result = await archive.RequestCommitmentAsync(record.TransactionUid, references, cancellation);
        // Asked already, and perhaps still at it.
        var answer = result.Value is { IsDone: false } || result.Error is { Status: 409 } ? await archive.CheckCommitmentAsync(record.TransactionUid, cancellation) : result;
        if (answer.Value is { IsDone: true } done)
        {
            return Judged(record, item => done.Committed.Contains(item.SopInstanceUid) ? (ushort)0 : done.Failed.GetValueOrDefault(item.SopInstanceUid, NoSuchInstance));
        }
        if (answer.Error is { Fault: WebFault.NotFound or WebFault.MediaType or WebFault.Rejected } or { Status: 501 })
        {
            return await SearchAsync(record, cancellation);
        }
        Log.NoWord(logger, record.TransactionUid, answer.Error?.Message ?? "It is still at it.");
        return null;
    }

    private async Task<CommitmentRecord?> SearchAsync(CommitmentRecord record, CancellationToken cancellation)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var some in record.Items.Select(item => item.SopInstanceUid).Chunk(SearchedAtOnce))
            {
                await foreach (var found in archive.SearchAsync("instances", [new(DicomTags.SOPInstanceUID.ToHex(), string.Join(',', some))], cancellation))
                {
                    classes[found.String(DicomTags.SOPInstanceUID)] = found.String(DicomTags.SOPClassUID);
                }
            }
        }
        catch (DicomWebException failed)
        {
            Log.NoWord(logger, record.TransactionUid, failed.Error.Message);
            return null;
        }
        return Judged(record, item => !classes.TryGetValue(item.SopInstanceUid, out var sopClass) ? NoSuchInstance : sopClass == item.SopClassUid ? (ushort)0 : ClassInstanceConflict);
    }

    private static CommitmentRecord Judged(CommitmentRecord record, Func<CommitmentItem, ushort> failure) =>
        record with { IsJudged = true, Items = [.. record.Items.Select(item => item with { Failure = failure(item) })] };

    private static partial class Log
    {
        [LoggerMessage(4234, LogLevel.Warning, "The archive says nothing about commitment {Transaction} yet: {Reason}")]
        public static partial void NoWord(ILogger logger, string transaction, string reason);
    }
}
