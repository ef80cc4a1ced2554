namespace VnaCloud.Gateway.Spool;

/// <summary>Every object whose file is here, confirmed or not, by study: what workstations on site can have without the WAN. Receipts only: the files say the rest.</summary>
internal sealed class LocalCopies
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<Receipt>> _studies = new(StringComparer.Ordinal);
    private readonly Queue<(Receipt Receipt, string Study, DateTimeOffset Since)> _sent = new();

    public void Add(Receipt receipt, string studyUid)
    {
        lock (_gate)
        {
            if (!_studies.TryGetValue(studyUid, out var study))
            {
                _studies.Add(studyUid, study = []);
            }
            study.Add(receipt);
        }
    }

    /// <summary>From now on it is kept for the grace time only.</summary>
    public void Sent(Receipt receipt, string studyUid, DateTimeOffset since)
    {
        Add(receipt, studyUid);
        lock (_gate)
        {
            _sent.Enqueue((receipt, studyUid, since));
        }
    }

    public void Remove(Receipt receipt, string studyUid)
    {
        lock (_gate)
        {
            Forget(receipt, studyUid);
        }
    }

    /// <summary>Takes out the copy that was confirmed first, if that was before a time.</summary>
    public bool TryTakeSent(DateTimeOffset before, out Receipt receipt)
    {
        lock (_gate)
        {
            if (!_sent.TryPeek(out var first) || first.Since > before)
            {
                receipt = default;
                return false;
            }
            _sent.Dequeue();
            receipt = first.Receipt;
            Forget(first.Receipt, first.Study);
            return true;
        }
    }

    /// <summary>In the order of their receipt.</summary>
    public IReadOnlyList<Receipt> OfStudy(string studyUid)
    {
        lock (_gate)
        {
            return _studies.TryGetValue(studyUid, out var study) ? [.. study.Order()] : [];
        }
    }

    private void Forget(Receipt receipt, string studyUid)
    {
        if (_studies.TryGetValue(studyUid, out var study) && study.Remove(receipt) && study.Count == 0)
        {
            _studies.Remove(studyUid);
        }
    }
}
