namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>What the archive must hold: a few studies of two series of four instances each, so that operations meet.</summary>
internal sealed class Model(Random random)
{
    private const int Studies = 3, Series = 2, Instances = 4;

    private readonly Dictionary<InstanceKey, ModelEntry> _entries = [];
    private readonly Dictionary<(int Study, int Series, int Instance), InstanceKey> _slots = [];

    public IReadOnlyCollection<ModelEntry> Entries => _entries.Values;

    /// <summary>An instance; one that is contested is left alone from then on, and another takes its place.</summary>
    public ModelEntry Any()
    {
        var slot = (Study: random.Next(Studies), Series: random.Next(Series), Instance: random.Next(Instances));
        if (!_slots.TryGetValue(slot, out var key) || _entries[key].IsContested)
        {
            var study = $"1.2.{slot.Study}";
            key = new InstanceKey(study, $"{study}.{slot.Series}", $"{study}.{slot.Series}.{slot.Instance}.{_entries.Count}");
            _slots[slot] = key;
            _entries.Add(key, new ModelEntry(key));
        }
        return _entries[key];
    }

    public ModelEntry Of(InstanceKey key)
    {
        Assert.True(_entries.TryGetValue(key, out var entry), $"{key} was never sent.");
        return entry;
    }

    /// <summary>The study, series or instance of an instance, as a delete names it.</summary>
    public (string Study, string? Series, string? Sop, List<ModelEntry> Entries) AnyScope()
    {
        var key = Any().Key;
        var (series, sop) = random.Next(8) switch
        {
            0 => (null, null),
            1 => (key.SeriesUid, null),
            _ => (key.SeriesUid, key.SopUid),
        };
        return (key.StudyUid, series, sop, [.. _entries.Values.Where(entry => entry.Key.StudyUid == key.StudyUid
            && (series is null || entry.Key.SeriesUid == series) && (sop is null || entry.Key.SopUid == sop))]);
    }

    public void Journalled()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Journalled();
        }
    }
}
