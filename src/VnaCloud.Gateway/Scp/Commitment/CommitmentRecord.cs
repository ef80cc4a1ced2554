using System.Text.Json.Serialization;

namespace VnaCloud.Gateway.Scp.Commitment;

/// <summary>A request for storage commitment that is owed a report.</summary>
internal sealed record CommitmentRecord
{
    /// <summary>Transaction UID (0008,1195), the device's.</summary>
    public required string TransactionUid { get; init; }

    /// <summary>AE title of the device.</summary>
    public required string RemoteAe { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What it asked for.</summary>
    public required IReadOnlyList<CommitmentItem> Items { get; init; }

    /// <summary>The archive has answered: each item has its reason, and the report is due.</summary>
    public bool IsJudged { get; init; }
}

/// <summary>One instance of a request.</summary>
/// <param name="SopClassUid">Referenced SOP Class UID.</param>
/// <param name="SopInstanceUid">Referenced SOP Instance UID.</param>
/// <param name="Failure">Failure Reason (0008,1197); 0 where the archive answers for it, once judged.</param>
internal sealed record CommitmentItem(string SopClassUid, string SopInstanceUid, ushort Failure = 0);

[JsonSerializable(typeof(CommitmentRecord))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CommitmentJson : JsonSerializerContext;
