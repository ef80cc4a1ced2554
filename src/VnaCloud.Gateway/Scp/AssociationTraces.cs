using System.Diagnostics;
using System.Runtime.CompilerServices;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Scp;

/// <summary>The spans of open associations. What is done over one has a trace of its own, linked to it: an association may last for days.</summary>
internal sealed class AssociationTraces
{
    private readonly ConditionalWeakTable<DimseAssociation, Activity> _open = [];

    public void Established(DimseAssociation association)
    {
        var caller = Activity.Current;
        if (GatewayActivity.Root("association", ActivityKind.Server, []) is { } activity)
        {
            activity.SetTag("vna.dimse.calling_ae", AeTitle.Printable(association.CallingAeTitle)).SetTag("vna.dimse.called_ae", AeTitle.Printable(association.CalledAeTitle))
                .SetTag("client.address", association.Remote.Address.ToString());
            _open.Add(association, activity);
        }
        Activity.Current = caller;
    }

    public void Ended(DimseAssociation association, AssociationEnd end)
    {
        if (_open.TryGetValue(association, out var activity))
        {
            _open.Remove(association);
            activity.SetTag("vna.dimse.end", end.Cause.ToString()).Dispose();
        }
    }

    /// <summary>The association's trace; default when there is none.</summary>
    public ActivityContext Of(DimseAssociation association) => _open.TryGetValue(association, out var activity) ? activity.Context : default;
}
