namespace VnaCloud.Archive;

/// <summary>What verification wants of an index; listings read beside a running server.</summary>
/// <param name="Instances">Every live instance, ordered by study.</param>
/// <param name="Packs">Every pack that the index refers to.</param>
public sealed record IndexListing(IAsyncEnumerable<InstanceEntry> Instances, IAsyncEnumerable<(string Key, long Length)> Packs);

/// <summary>
/// Re-hashes everything: first each pack against its manifest, which covers live, deleted and void members alike, then each row of the
/// index against the packs.
/// </summary>
/// <param name="store">The objects.</param>
/// <param name="tenantKey">The tenant's part of object keys.</param>
/// <param name="share">Part of the instances to hash, above 0 and up to 1; footers, manifests, headers and rows are always checked.</param>
public sealed class Verifier(IObjectStore store, string tenantKey, double share = 1)
{
    /// <summary>Packs read at once.</summary>
    private const int Readers = 2;

    /// <summary>Packs whose contents are kept while the rows of their study are checked.</summary>
    private const int KeptPacks = 8;

    /// <summary>Whether a pack is what its own manifest says, all of it read.</summary>
    public static async Task<bool> IsGoodPackAsync(IObjectStore store, string key, CancellationToken cancellation)
    {
        var report = new VerifyReport();
        await new PackVerifier(store, report, 1).CheckAsync(key, cancellation);
        return report.FindingCount == 0;
    }

    private readonly VerifyReport _report = new();
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unreferenced = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Checks all. <paramref name="listing"/> is called after the packs were listed, so that a pack of a request under way has its rows.</summary>
    public async Task<VerifyReport> RunAsync(Func<IndexListing> listing, Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ArgumentNullException.ThrowIfNull(progress);
        var verifier = new PackVerifier(store, _report, share);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellation };
        await Parallel.ForEachAsync(store.ListAsync(PackFormat.PackPrefix(tenantKey), cancellation), options, async (key, token) =>
        {
            var pack = await verifier.CheckAsync(key, token);
            lock (_gate)
            {
                if (pack is null)
                {
                    _damaged.Add(key);
                }
                _unreferenced.Add(key, pack?.Commit.PackLength ?? -1);
                progress(_report.Packs);
            }
        });
        var journal = await JournalReader.ReadAsync(store, tenantKey, cancellation);
        foreach (var (key, reason) in journal.Damaged)
        {
            _report.Add(FindingKind.Journal, key, "", reason);
        }
        var index = listing();
        await CheckPacksAsync(index, cancellation);
        await CheckRowsAsync(index, cancellation);
        await NoteUnreferencedAsync(journal, cancellation);
        return _report;
    }

    private async Task CheckPacksAsync(IndexListing index, CancellationToken cancellation)
    {
        await foreach (var (key, length) in index.Packs.WithCancellation(cancellation))
        {
            var stored = _unreferenced.Remove(key, out var seen) && seen >= 0 ? seen : await store.LengthAsync(key, cancellation);
            if (stored is null)
            {
                _damaged.Add(key);
                _report.Add(FindingKind.Row, key, "", "The index names a pack that is not in the store.");
            }
            else if (stored != length && !_damaged.Contains(key))
            {
                _report.Add(FindingKind.Row, key, "", "The pack does not have the length that the index says.");
            }
        }
    }

    private async Task CheckRowsAsync(IndexListing index, CancellationToken cancellation)
    {
        var kept = new Dictionary<string, Dictionary<Origin, InstanceEntry>?>(StringComparer.Ordinal);
        var instances = new InstanceVerifier(store, _report);
        await foreach (var row in index.Instances.WithCancellation(cancellation))
        {
            _report.CountRow();
            var key = row.Data.PackKey;
            if (!kept.TryGetValue(key, out var members))
            {
                if (kept.Count == KeptPacks)
                {
                    kept.Clear();
                }
                kept.Add(key, members = await MembersAsync(key, cancellation));
            }
            if (members is null)
            {
                // The manifest is gone, and was reported; what the row says can still be held against the bytes.
                if (await store.LengthAsync(key, cancellation) is not null)
                {
                    await instances.CheckBytesAsync(row, PackFormat.MemberName(row.Key, 0, taken: false), null, cancellation);
                }
            }
            else if (!members.TryGetValue(row.Origin, out var member) || !Agree(row, member))
            {
                _report.Add(FindingKind.Row, key, PackFormat.MemberName(row.Key, 0, taken: false), "The index's row does not agree with the pack's manifest.");
            }
        }
    }

    private async Task<Dictionary<Origin, InstanceEntry>?> MembersAsync(string key, CancellationToken cancellation)
    {
        if (_damaged.Contains(key))
        {
            return null;
        }
        var pack = await PackReader.ReadAsync(store, key, TenantId.Default, cancellation);
        return pack.Commit.Members.ToDictionary(member => member.Entry.Origin, member => member.Entry);
    }

    private static bool Agree(InstanceEntry row, InstanceEntry member) =>
        row.Key == member.Key && row.Data == member.Data && row.FileDigest == member.FileDigest && row.ContentDigest == member.ContentDigest
        && row.Frames == member.Frames && row.Attributes.TransferSyntaxUid == member.Attributes.TransferSyntaxUid
        // A correction may have moved the metadata to a pack of its own.
        && (row.Metadata.PackKey != member.Metadata.PackKey
            || (row.Metadata.Offset == member.Metadata.Offset && row.Metadata.Segments.SequenceEqual(member.Metadata.Segments)));

    private async Task NoteUnreferencedAsync(JournalState journal, CancellationToken cancellation)
    {
        var decided = 0;
        foreach (var key in _unreferenced.Keys.Where(key => !_damaged.Contains(key)).Order(StringComparer.Ordinal))
        {
            var members = await MembersAsync(key, cancellation);
            var undecided = members!.Keys.Count(origin => journal.Of(origin) is not { Kind: DecisionKind.Void or DecisionKind.Delete });
            if (undecided == 0)
            {
                decided++;
            }
            else
            {
                _report.Note($"{key}: no row names it and the journal does not speak of {undecided} of its {members.Count} instances: a request that was never answered, or an index older than its packs; 'vna reindex' takes them in.");
            }
        }
        if (decided > 0)
        {
            _report.Note($"{decided} packs hold only instances that the journal says are void or deleted.");
        }
    }
}
