using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>An instance that somebody wants to be sure of. Study and series are empty where the request does not name them.</summary>
public readonly record struct InstanceReference(string SopClassUid, string SopUid, string StudyUid = "", string SeriesUid = "");

/// <summary>Whether the archive answers for an instance: None, or a Failure Reason (0008,1197) of PS3.3 C.14.1.1.</summary>
public enum CustodyFailure : ushort
{
    /// <summary>It is stored, visible, and its bytes are there.</summary>
    None = 0,

    /// <summary>0110H: it is known, but its bytes are missing or damaged.</summary>
    ProcessingFailure = 0x0110,

    /// <summary>0112H: the archive does not have it.</summary>
    NoSuchInstance = 0x0112,

    /// <summary>0119H: it is of another SOP class.</summary>
    ClassInstanceConflict = 0x0119,
}

/// <summary>
/// What Storage Commitment asks (PS3.4 Annex J): that instances are visible in the index, that the object store has the packs which hold
/// them, and that no scrub has found them damaged.
/// </summary>
public sealed class Custody(IArchiveIndex index, IUpkeepIndex upkeep, IObjectStore store)
{
    /// <summary>Instances asked of the index at once.</summary>
    private const int Batch = 200;

    /// <summary>Answers of the store that are waited for at once.</summary>
    private const int StoreRequests = 8;

    /// <summary>Damaged parts that are looked through; where there are more, nothing is promised.</summary>
    private const int MostDamaged = 10_000;

    /// <summary>Judges each reference, in order.</summary>
    /// <exception cref="IndexUnavailableException">The index cannot be asked now, or knows of too much damage to promise anything.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be asked now.</exception>
    public async Task<IReadOnlyList<CustodyFailure>> CheckAsync(TenantId tenant, IReadOnlyList<InstanceReference> references, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(references);
        var damaged = await DamagedAsync(cancellation);
        var found = await FindAsync(tenant, [.. references.Select(reference => reference.SopUid).Distinct()], cancellation);
        var reach = await ReachAsync([.. found.SelectMany(entry => new[] { entry.Data.PackKey, entry.Metadata.PackKey }).Distinct()], cancellation);
        var byUid = found.ToLookup(entry => entry.Key.SopUid, StringComparer.Ordinal);
        return [.. references.Select(reference => Judge(reference, byUid[reference.SopUid],
            entry => !damaged.Contains(entry.Key) && DataEnd(entry) <= reach[entry.Data.PackKey] && MetadataEnd(entry) <= reach[entry.Metadata.PackKey]))];
    }

    private static long DataEnd(InstanceEntry entry) => entry.Data.Offset + entry.Data.Length;

    private static long MetadataEnd(InstanceEntry entry) => entry.Metadata.Offset + entry.Metadata.Segments.Sum(segment => (long)segment.Length);

    private static CustodyFailure Judge(InstanceReference reference, IEnumerable<InstanceEntry> entries, Func<InstanceEntry, bool> isWhole)
    {
        var named = entries.Where(entry => reference.StudyUid.Length == 0 || (entry.Key.StudyUid == reference.StudyUid && entry.Key.SeriesUid == reference.SeriesUid)).ToList();
        var ofClass = named.Where(entry => entry.Attributes.SopClassUid == reference.SopClassUid).ToList();
        return named.Count == 0 ? CustodyFailure.NoSuchInstance
            : ofClass.Count == 0 ? CustodyFailure.ClassInstanceConflict
            : ofClass.TrueForAll(entry => isWhole(entry)) ? CustodyFailure.None
            : CustodyFailure.ProcessingFailure;
    }

    private async Task<HashSet<InstanceKey>> DamagedAsync(CancellationToken cancellation)
    {
        var state = await upkeep.UpkeepAsync(MostDamaged, cancellation);
        return state.Quarantined.Count < MostDamaged ? [.. state.Quarantined.Select(part => part.Key)]
            : throw new IndexUnavailableException("Too much of the archive is damaged to promise anything.", TimeSpan.FromHours(1));
    }

    private async Task<List<InstanceEntry>> FindAsync(TenantId tenant, IReadOnlyList<string> sopUids, CancellationToken cancellation)
    {
        var found = new List<InstanceEntry>();
        foreach (var some in sopUids.Chunk(Batch))
        {
            var request = new SearchRequest { Tenant = tenant, Level = QueryLevel.Instance, Criteria = [new Criterion(DicomTags.SOPInstanceUID, new Match.AnyOf(some))], Limit = Batch };
            SearchPage page;
            do
            {
                page = await index.SearchAsync(request, cancellation);
                found.AddRange(page.Rows.Select(row => row.Instance!));
                request = request with { Cursor = page.NextCursor };
            }
            while (page.NextCursor is not null);
        }
        return found;
    }

    // Bytes of each pack; 0 for one that is not there.
    private async Task<Dictionary<string, long>> ReachAsync(IReadOnlyList<string> packs, CancellationToken cancellation)
    {
        var lengths = new long[packs.Count];
        await Parallel.ForAsync(0, packs.Count, new ParallelOptions { MaxDegreeOfParallelism = StoreRequests, CancellationToken = cancellation },
            async (at, token) => lengths[at] = await store.LengthAsync(packs[at], token) ?? 0);
        return packs.Zip(lengths).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
    }
}
