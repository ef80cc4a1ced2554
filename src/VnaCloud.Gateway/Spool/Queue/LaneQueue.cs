namespace VnaCloud.Gateway.Spool;

/// <summary>What one lane has at this moment.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Objects">Not confirmed, also those under way.</param>
/// <param name="Bytes">Of their files.</param>
/// <param name="Oldest">The receipt of the oldest; null when there is none.</param>
internal sealed record LaneState(Lane Lane, int Objects, long Bytes, Receipt? Oldest);

/// <summary>
/// One lane: first what is due to be tried again, then the modality that had least, of it the study that waits longest. A modality that floods
/// the lane delays its own objects only.
/// </summary>
internal sealed class LaneQueue(Lane lane)
{
    private readonly Dictionary<string, ModalityQueue> _modalities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StudyQueue> _studies = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Batch, (DateTimeOffset Due, Receipt Id)> _again = new();
    private readonly SortedSet<Receipt> _unsent = [];
    private long _bytes;
    private long _waitingBytes;
    private long _turns;

    public LaneState State => new(lane, _unsent.Count, _bytes, _unsent.Count > 0 ? _unsent.Min : null);

    /// <summary>When the next batch may be tried again.</summary>
    public DateTimeOffset? Due => _again.TryPeek(out _, out var first) ? first.Due : null;

    public void Add(SpooledObject spooled)
    {
        _unsent.Add(spooled.Receipt);
        _bytes += spooled.Length;
        _waitingBytes += spooled.Length;
        if (!_studies.TryGetValue(spooled.StudyUid, out var study))
        {
            _studies.Add(spooled.StudyUid, study = new StudyQueue(spooled.StudyUid));
        }
        var wasWaiting = study.HasWaiting;
        study.Add(spooled);
        if (!wasWaiting)
        {
            Enqueue(study, spooled.Modality);
        }
    }

    public Batch? TryTake(Func<long, BatchLimits> limits, DateTimeOffset now, ReceiptSequence ids)
    {
        if (Due <= now)
        {
            return _again.Dequeue();
        }
        var share = limits(_waitingBytes);
        foreach (var modality in _modalities.Values.Where(modality => modality.Studies.Count > 0).OrderBy(modality => modality.Served).ThenBy(modality => modality.Turn))
        {
            for (var node = modality.Studies.First; node is not null; node = node.Next)
            {
                var objects = node.Value.Take(share);
                if (objects.Count == 0)
                {
                    continue;
                }
                if (!node.Value.HasWaiting)
                {
                    modality.Studies.Remove(node);
                }
                var batch = new Batch(ids.Next(), lane, objects);
                _waitingBytes -= batch.Bytes;
                modality.Served += batch.Bytes;
                modality.Turn = ++_turns;
                return batch;
            }
        }
        return null;
    }

    public void Return(Batch batch, DateTimeOffset due) => _again.Enqueue(batch, (due, batch.Id));

    public void Release(SpooledObject spooled)
    {
        if (!_unsent.Remove(spooled.Receipt))
        {
            return;
        }
        _bytes -= spooled.Length;
        var study = _studies[spooled.StudyUid];
        study.Free(spooled);
        if (study.IsEmpty)
        {
            _studies.Remove(spooled.StudyUid);
        }
    }

    private void Enqueue(StudyQueue study, string name)
    {
        if (!_modalities.TryGetValue(name, out var modality))
        {
            _modalities.Add(name, modality = new ModalityQueue());
        }
        if (modality.Studies.Count == 0)
        {
            // Who was away has no claim on what others had meanwhile.
            var active = _modalities.Values.Where(other => other.Studies.Count > 0).Select(other => other.Served).DefaultIfEmpty(modality.Served).Min();
            modality.Served = Math.Max(modality.Served, active);
        }
        modality.Studies.AddLast(study);
    }

    private sealed class ModalityQueue
    {
        /// <summary>Studies with objects that wait, the longest waiting first.</summary>
        public LinkedList<StudyQueue> Studies { get; } = new();

        /// <summary>Bytes that it had.</summary>
        public long Served { get; set; }

        /// <summary>When it was served last: of equals, who waits longest is next.</summary>
        public long Turn { get; set; }
    }
}
