namespace VnaCloud.Gateway.Spool;

/// <summary>Objects of one study that wait, in the order of their receipt.</summary>
internal sealed class StudyQueue(string studyUid)
{
    // Behind so many that have to wait for an earlier copy of themselves, nobody looks further.
    private const int Looked = 256;

    private readonly SortedSet<SpooledObject> _waiting = new(Comparer<SpooledObject>.Create((a, b) => a.Receipt.CompareTo(b.Receipt)));

    // An instance that is received twice goes twice, one after the other: the first of them counts, and an answer could not tell them apart.
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    public string StudyUid { get; } = studyUid;

    public bool HasWaiting => _waiting.Count > 0;

    public bool IsEmpty => _waiting.Count == 0 && _busy.Count == 0;

    public void Add(SpooledObject spooled) => _waiting.Add(spooled);

    public void Free(SpooledObject spooled) => _busy.Remove(spooled.SopInstanceUid);

    public List<SpooledObject> Take(BatchLimits limits)
    {
        var taken = new List<SpooledObject>();
        long bytes = 0;
        foreach (var spooled in _waiting.Take(Looked))
        {
            if (_busy.Contains(spooled.SopInstanceUid))
            {
                continue;
            }
            if (taken.Count == limits.Objects || (taken.Count > 0 && bytes + spooled.Length > limits.Bytes))
            {
                break;
            }
            _busy.Add(spooled.SopInstanceUid);
            taken.Add(spooled);
            bytes += spooled.Length;
        }
        foreach (var spooled in taken)
        {
            _waiting.Remove(spooled);
        }
        return taken;
    }
}
