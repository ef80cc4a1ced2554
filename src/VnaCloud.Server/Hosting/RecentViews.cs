using VnaCloud.Archive;

namespace VnaCloud.Server.Hosting;

/// <summary>What an index said lately of studies, series and instances, as many as there is room for; the one not asked for longest goes first.</summary>
internal sealed class RecentViews(int maxInstances)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Kept>> _views = [];
    private readonly LinkedList<Kept> _latest = new();
    private int _instances;

    private readonly record struct Key(int Tenant, string Study, string? Series, string? Sop);

    private sealed record Kept(Key Key, StudyView View, DateTimeOffset At);

    /// <summary>Remembers an answer; null, that there is nothing any more.</summary>
    public void Keep(TenantId tenant, string study, string? series, string? sop, StudyView? view, DateTimeOffset at)
    {
        var key = new Key(tenant.Value, study, series, sop);
        lock (_lock)
        {
            if (_views.TryGetValue(key, out var old))
            {
                Remove(old);
            }
            if (view is null || view.Instances.Count > maxInstances)
            {
                return;
            }
            _views[key] = _latest.AddFirst(new Kept(key, view, at));
            _instances += view.Instances.Count;
            while (_instances > maxInstances)
            {
                Remove(_latest.Last!);
            }
        }
    }

    /// <summary>Whether <see cref="Find"/> may have an answer.</summary>
    public bool Has(TenantId tenant, string study, string? series, string? sop, DateTimeOffset since) => Holder(tenant, study, series, sop, since) is not null;

    /// <summary>The answer that was given since a time, by itself or as a part of a wider one.</summary>
    public StudyView? Find(TenantId tenant, string study, string? series, string? sop, DateTimeOffset since)
    {
        if (Holder(tenant, study, series, sop, since) is not { } kept)
        {
            return null;
        }
        if (kept.Key.Series == series && kept.Key.Sop == sop)
        {
            return kept.View;
        }
        var part = kept.View.Instances.Where(entry => (series ?? entry.Key.SeriesUid) == entry.Key.SeriesUid && (sop ?? entry.Key.SopUid) == entry.Key.SopUid).ToList();
        return part.Count == 0 ? null : kept.View with { Instances = part };
    }

    /// <summary>Something of the study was decided.</summary>
    public void Forget(TenantId tenant, string study)
    {
        lock (_lock)
        {
            foreach (var node in _views.Where(view => view.Key.Tenant == tenant.Value && view.Key.Study == study).Select(view => view.Value).ToList())
            {
                Remove(node);
            }
        }
    }

    private Kept? Holder(TenantId tenant, string study, string? series, string? sop, DateTimeOffset since)
    {
        lock (_lock)
        {
            foreach (var (ofSeries, ofSop) in (ReadOnlySpan<(string?, string?)>)[(series, sop), (series, null), (null, null)])
            {
                if (_views.TryGetValue(new Key(tenant.Value, study, ofSeries, ofSop), out var node) && node.Value.At >= since)
                {
                    return node.Value;
                }
            }
            return null;
        }
    }

    private void Remove(LinkedListNode<Kept> node)
    {
        _latest.Remove(node);
        _views.Remove(node.Value.Key);
        _instances -= node.Value.View.Instances.Count;
    }
}
