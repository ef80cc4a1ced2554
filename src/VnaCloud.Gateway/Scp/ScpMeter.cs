using System.Diagnostics.Metrics;
using VnaCloud.Dimse;

namespace VnaCloud.Gateway.Scp;

/// <summary>What happens at the DIMSE ports, as metrics.</summary>
internal sealed class ScpMeter : IDisposable
{
    public const string Name = "VnaCloud.Gateway.Dimse";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _established;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _dropped;

    public ScpMeter()
    {
        _established = _meter.CreateCounter<long>("vna.dimse.associations", "{association}", "Associations that were established.");
        _rejected = _meter.CreateCounter<long>("vna.dimse.rejections", "{association}", "Requests for associations that were refused, by result/source/reason.");
        _ended = _meter.CreateCounter<long>("vna.dimse.ends", "{association}", "Ends of associations, by cause.");
        _dropped = _meter.CreateCounter<long>("vna.dimse.dropped", "{connection}", "Connections that ended without an association.");
    }

    public void Established(DimseAssociation association) => _established.Add(1, KeyValuePair.Create<string, object?>("refused_contexts", association.RefusedContexts.Count > 0));

    public void Rejected(AssociateReject reject) => _rejected.Add(1, KeyValuePair.Create<string, object?>("reason", reject.ToString()));

    public void Ended(AssociationEnd end) => _ended.Add(1, KeyValuePair.Create<string, object?>("cause", end.Cause.ToString()));

    public void Dropped() => _dropped.Add(1);

    public void Dispose() => _meter.Dispose();
}
