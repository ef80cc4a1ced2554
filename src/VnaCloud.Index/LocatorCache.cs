using VnaCloud.Archive;

namespace VnaCloud.Index;

/// <summary>
/// Views of series and studies that were read lately. A view belongs to a stamp, a content version or that of a move of
/// its places, and a stamp never comes again, so what is old is not asked for any more and falls out.
/// </summary>
internal sealed class LocatorCache(int maxInstances)
{
    /// <summary>Smaller views cost less to read than to keep.</summary>
    private const int Worthwhile = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<(int Tenant, string Study, string? Series), LinkedListNode<Kept>> _views = [];
    private readonly LinkedList<Kept> _latest = new();
    private int _instances;

    private sealed record Kept((int Tenant, string Study, string? Series) Key, long Stamp, StudyView View);

    public StudyView? Find(TenantId tenant, string study, string? series, long stamp)
    {
        lock (_lock)
        {
            if (!_views.TryGetValue((tenant.Value, study, series), out var node) || node.Value.Stamp != stamp)
            {
                return null;
            }
            _latest.Remove(node);
            _latest.AddFirst(node);
            return node.Value.View;
        }
    }

    /// <summary>The stamp of the view that is kept; 0, which no content has, when there is none.</summary>
    public long StampOf(TenantId tenant, string study, string? series)
    {
        lock (_lock)
        {
            return _views.TryGetValue((tenant.Value, study, series), out var node) ? node.Value.Stamp : 0;
        }
    }

    public void Keep(TenantId tenant, string study, string? series, long stamp, StudyView view)
    {
        if (view.Instances.Count < Worthwhile || view.Instances.Count > maxInstances)
        {
            return;
        }
        var key = (tenant.Value, study, series);
        lock (_lock)
        {
            if (_views.TryGetValue(key, out var old))
            {
                Forget(old);
            }
            _views[key] = _latest.AddFirst(new Kept(key, stamp, view));
            _instances += view.Instances.Count;
            while (_instances > maxInstances)
            {
                Forget(_latest.Last!);
            }
        }
    }

    /// <summary>Places of a study moved though its version stays (compaction).</summary>
    public void Forget(TenantId tenant, string study)
    {
        lock (_lock)
        {
            foreach (var node in _views.Where(view => view.Key.Tenant == tenant.Value && view.Key.Study == study).Select(view => view.Value).ToList())
            {
                Forget(node);
            }
        }
    }

    private void Forget(LinkedListNode<Kept> node)
    {
        _latest.Remove(node);
        _views.Remove(node.Value.Key);
        _instances -= node.Value.View.Instances.Count;
    }
}
