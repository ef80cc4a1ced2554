using System.Threading.Channels;
using VnaCloud.Archive;
using VnaCloud.Storage;

namespace VnaCloud.Server.Maintenance;

/// <summary>Brings to the second store what it lacks, and back from it what the first lost.</summary>
internal sealed class MirrorKeeper
{
    private const int Batch = 200;
    private const int MaxRepairs = 10_000;
    private readonly Channel<string> _damaged = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxRepairs) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _swept;

    /// <summary>Told by the store which objects only the second still has whole; what does not fit is found by the scrub.</summary>
    public void Damaged(string key) => _damaged.Writer.TryWrite(key);

    /// <summary>One run: what is queued, the journal's newest objects, and what was reported as damaged.</summary>
    public async Task<UpkeepReport> RunAsync(UpkeepArchive archive, ObjectStorage storage, CancellationToken cancellation)
    {
        var report = new UpkeepReport();
        if (storage.Mirror is not { } mirror)
        {
            return report;
        }
        while ((await archive.Upkeep.UpkeepAsync(Batch, cancellation)).Mirror is { Count: > 0 } items)
        {
            var copied = new List<string>();
            foreach (var item in items)
            {
                Judge(report, item.Key, await mirror.CopyAsync(item.Key, cancellation));
                copied.Add(item.Key);
            }
            await archive.Upkeep.ApplyAsync(new UpkeepChange.Mirrored([], copied), cancellation);
        }
        await CopySmallAsync(report, archive, storage, mirror, cancellation);
        while (_damaged.Reader.TryRead(out var key))
        {
            await RepairAsync(report, storage, mirror, key, cancellation);
        }
        return report;
    }

    /// <summary>Puts one object back; whether it is whole again.</summary>
    public static async Task<bool> RepairAsync(ObjectStorage storage, string key, CancellationToken cancellation) =>
        storage.Mirror is { } mirror && await mirror.RepairAsync(key, IsGood(key), cancellation) is MirrorOutcome.Copied or MirrorOutcome.Equal;

    private static async Task RepairAsync(UpkeepReport report, ObjectStorage storage, MirroredObjectStore mirror, string key, CancellationToken cancellation)
    {
        var outcome = await mirror.RepairAsync(key, IsGood(key), cancellation);
        Judge(report, key, outcome);
        if (outcome == MirrorOutcome.Copied)
        {
            report.CountRepair();
        }
    }

    // A pack says itself whether it is whole; of other objects the longer one is taken.
    private static Func<IObjectStore, string, CancellationToken, Task<bool>>? IsGood(string key) =>
        key.EndsWith(".tar", StringComparison.Ordinal) ? Verifier.IsGoodPackAsync : null;

    private static void Judge(UpkeepReport report, string key, MirrorOutcome outcome)
    {
        if (outcome == MirrorOutcome.Different)
        {
            report.Alarm(FindingKind.Pack, key, "The two stores have different objects under this key; neither was changed.");
        }
    }

    // Journal, checkpoints and identity are few: the first run compares all of them, later ones those of today and yesterday.
    private async Task CopySmallAsync(UpkeepReport report, UpkeepArchive archive, ObjectStorage storage, MirroredObjectStore mirror, CancellationToken cancellation)
    {
        string[] prefixes = _swept ? Recent(archive) : [ArchiveIdentity.Key, $"t/{archive.TenantKey}/"];
        foreach (var prefix in prefixes)
        {
            await foreach (var key in storage.Primary.ListAsync(prefix, cancellation))
            {
                if (!key.EndsWith(".tar", StringComparison.Ordinal) && await storage.Second!.LengthAsync(key, cancellation) is null)
                {
                    Judge(report, key, await mirror.CopyAsync(key, cancellation));
                }
            }
        }
        _swept = true;
    }

    private static string[] Recent(UpkeepArchive archive)
    {
        var today = archive.Time.GetUtcNow();
        return [.. new[] { today.AddDays(-1), today }.Select(day => PackFormat.JournalDay(archive.TenantKey, day))];
    }
}
