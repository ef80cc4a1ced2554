namespace VnaCloud.Archive;

/// <summary>A pack of a study with what the index says of its members.</summary>
/// <param name="Indexed">Its row.</param>
/// <param name="Contents">Its manifest.</param>
/// <param name="Kept">Members that are live, or deleted and can be restored, as they are to be copied.</param>
/// <param name="Forgotten">Members that are deleted for good.</param>
internal sealed record PackUse(IndexedPack Indexed, PackContents Contents, IReadOnlyList<PackMember> Kept, IReadOnlyList<IndexedArrival> Forgotten)
{
    public long KeptBytes { get; } = Kept.Sum(member => member.Entry.Data.Length);

    public long MetadataBytes { get; } = Kept.Sum(member => member.Entry.Metadata.Segments.Sum(segment => (long)segment.Length));

    /// <summary>Part of the instances' bytes that nobody can ask for any more.</summary>
    public double Dead { get; } = 1 - Ratio(Kept.Sum(member => member.Entry.Data.Length), Contents.Commit.Members.Sum(member => member.Entry.Data.Length));

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}

/// <summary>Which packs of a study become which.</summary>
internal static class CompactionPlan
{
    /// <summary>Groups of packs, each of which becomes one pack, or none where nothing is kept.</summary>
    public static List<List<PackUse>> Groups(IReadOnlyList<PackUse> packs, UpkeepOptions options, DateTimeOffset now)
    {
        var groups = new List<List<PackUse>>();
        var open = new List<PackUse>();
        foreach (var pack in packs)
        {
            if (!IsSmall(pack, options) && !MustGo(pack, options, now))
            {
                continue;
            }
            if (open.Count > 0 && !Fits(open, pack, options))
            {
                groups.Add(open);
                open = [];
            }
            open.Add(pack);
        }
        groups.Add(open);
        // One small pack by itself would only become another.
        return groups.FindAll(group => group.Count > 1 || group.Exists(pack => MustGo(pack, options, now)));
    }

    /// <summary>When a deleted arrival next changes what there is to do; null when none does.</summary>
    public static DateTimeOffset? NextLook(IEnumerable<IndexedArrival> arrivals, UpkeepOptions options, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var deletedAt in arrivals.Where(arrival => arrival.DeletedAt is not null).Select(arrival => arrival.DeletedAt!.Value))
        {
            var due = deletedAt + options.Grace > now ? deletedAt + options.Grace : deletedAt + options.Erasure;
            next = next < due ? next : due;
        }
        return next < now ? now : next;
    }

    private static bool IsSmall(PackUse pack, UpkeepOptions options) => pack.Indexed.Length < options.SmallBytes;

    private static bool MustGo(PackUse pack, UpkeepOptions options, DateTimeOffset now) =>
        pack.Dead > options.MaxDead || pack.Kept.Count == 0 || pack.Forgotten.Any(arrival => arrival.DeletedAt + options.Erasure <= now);

    private static bool Fits(List<PackUse> group, PackUse pack, UpkeepOptions options) =>
        group[0].Contents.InlineLimit == pack.Contents.InlineLimit
        && group.Sum(member => member.KeptBytes) + pack.KeptBytes <= options.TargetBytes
        && group.Sum(member => member.Kept.Count) + pack.Kept.Count <= options.TargetInstances
        && group.Sum(member => member.MetadataBytes) + pack.MetadataBytes <= options.TargetMetadataBytes;
}
