using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Status;

/// <summary>What somebody at the site wants to see, without patient data.</summary>
internal sealed record StatusReport(string AeTitle, DimseStatus Dimse, SpoolStatus Spool, IReadOnlyList<DestinationStatus> Destinations, QuarantineStatus Quarantine)
{
    private const int ShownEntries = 100;

    public static StatusReport Of(string aeTitle, DimseStatus dimse, ObjectSpool spool, ForwardingService forwarding, TimeProvider time) => new(
        aeTitle,
        dimse,
        new SpoolStatus(spool.IsLoaded, spool.NotReady, spool.Space.Pressure().ToString(), spool.Space.UnsentBytes, spool.Space.FreeBytes()),
        [.. forwarding.Destinations.Select(destination => Of(destination, time.GetUtcNow()))],
        new QuarantineStatus(spool.Quarantine.Count, spool.Quarantine.Latest(ShownEntries)));

    private static DestinationStatus Of(Destination destination, DateTimeOffset now) => new(
        destination.Options.Name,
        destination.Breaker.Reason,
        destination.InFlight,
        destination.Window.Limit,
        Math.Round(destination.Window.Rate),
        [.. destination.Queue.Lanes().Select(lane => new LaneStatus(
            lane.Lane.ToString(), lane.Objects, lane.Bytes, lane.Oldest is { } oldest ? Math.Max(0, Math.Round((now - oldest.Time).TotalSeconds)) : null))]);
}

/// <summary>The ports that devices connect to, associations that are open, and reports of storage commitment that are owed.</summary>
internal sealed record DimseStatus(IReadOnlyList<string> Ports, int Associations, int OpenCommitments);

/// <summary>The spool.</summary>
internal sealed record SpoolStatus(bool Loaded, string? NotReady, string Pressure, long UnsentBytes, long FreeBytes);

/// <summary>One archive: why it is left alone at the moment, and how it goes otherwise.</summary>
internal sealed record DestinationStatus(string Name, string? Waiting, int Connections, int ConnectionLimit, double BytesPerSecond, IReadOnlyList<LaneStatus> Lanes);

/// <summary>One lane of its queue.</summary>
internal sealed record LaneStatus(string Lane, int Objects, long Bytes, double? OldestSeconds);

/// <summary>Objects that wait for somebody.</summary>
internal sealed record QuarantineStatus(int Count, IReadOnlyList<QuarantineEntry> Latest);
