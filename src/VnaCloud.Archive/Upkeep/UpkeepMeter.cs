using System.Diagnostics.Metrics;

namespace VnaCloud.Archive;

/// <summary>What upkeep counts.</summary>
public static class UpkeepMeter
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "VnaCloud.Maintenance";

    /// <summary>The meter; a host adds what it alone can observe.</summary>
    public static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> PacksCompacted = Meter.CreateCounter<long>("vna.maintenance.packs_compacted", "{pack}", "Packs that were put together or rewritten");

    internal static readonly Counter<long> BytesCompacted = Meter.CreateCounter<long>("vna.maintenance.bytes_compacted", "By", "Bytes of the packs written");

    internal static readonly Counter<long> PacksDeleted = Meter.CreateCounter<long>("vna.maintenance.packs_deleted", "{pack}", "Retired and unreferenced packs that were deleted");

    internal static readonly Counter<long> Orphans = Meter.CreateCounter<long>("vna.maintenance.orphans", "{pack}", "Unreferenced packs that were found");

    internal static readonly Counter<long> Adopted = Meter.CreateCounter<long>("vna.maintenance.instances_adopted", "{instance}", "Instances that the index lacked");

    internal static readonly Counter<long> BytesScrubbed = Meter.CreateCounter<long>("vna.maintenance.bytes_scrubbed", "By", "Bytes read again");

    private static readonly Counter<long> Mismatches = Meter.CreateCounter<long>("vna.maintenance.mismatches", "{finding}", "Stored bytes that are not what was stored");

    private static readonly Counter<long> MissingObjects = Meter.CreateCounter<long>("vna.maintenance.missing_objects", "{object}", "Objects that the index refers to and the store lacks");

    private static readonly Counter<long> Conflicts = Meter.CreateCounter<long>("vna.maintenance.conflicts", "{pack}", "Unreferenced packs that contradict the index");

    internal static void Found(FindingKind kind) => (kind switch
    {
        FindingKind.Missing => MissingObjects,
        FindingKind.Conflict => Conflicts,
        _ => Mismatches,
    }).Add(1);
}
