using System.Collections.Concurrent;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>
/// What the archive may hold after everything that was sent and answered. An unanswered request leaves two possibilities; looking
/// after the restart settles them, because nothing of a killed server can take effect later.
/// </summary>
internal sealed class StormModel
{
    private readonly ConcurrentDictionary<string, StormEntry> _entries = new();

    public IEnumerable<StormEntry> Entries => _entries.Values;

    public int Count => _entries.Count;

    public StormEntry Entry(StormInstance instance, int owner) => _entries.GetOrAdd(instance.Sop, _ => new StormEntry(instance, owner));

    public StormEntry? Find(string sop) => _entries.GetValueOrDefault(sop);
}

/// <summary>One SOP Instance UID and the variants that may be visible under it.</summary>
internal sealed class StormEntry(StormInstance instance, int owner)
{
    public const int Absent = -1;

    private readonly Lock _gate = new();
    private HashSet<int> _possible = [Absent];

    public StormInstance Instance => instance;

    /// <summary>The only sender that deletes it or sends other variants.</summary>
    public int Owner => owner;

    /// <summary>The round that last sent or deleted it.</summary>
    public int Round { get; private set; }

    public bool MayBe(int variant)
    {
        lock (_gate)
        {
            return _possible.Contains(variant);
        }
    }

    public bool IsSettledAs(int variant)
    {
        lock (_gate)
        {
            return _possible.Count == 1 && _possible.Contains(variant);
        }
    }

    public void Stored(int round, int variant) => Settle(round, variant, "stored", before => before == Absent || before == variant, _ => variant);

    public void Conflicted(int round, int variant) => Settle(round, variant, "in conflict", before => before != Absent && before != variant, before => before);

    /// <summary>It, or what it belongs to, was deleted: whatever it was, it is absent.</summary>
    public void Gone(int round) => Settle(round, Absent, "deleted", _ => true, _ => Absent);

    public void NotThere(int round) => Settle(round, Absent, "not there", before => before == Absent, before => before);

    /// <summary>Sent; no answer came.</summary>
    public void SentUnanswered(int round, int variant)
    {
        lock (_gate)
        {
            Round = round;
            if (_possible.Contains(Absent))
            {
                _possible.Add(variant);
            }
        }
    }

    /// <summary>Told to delete; no answer came.</summary>
    public void DeleteUnanswered(int round)
    {
        lock (_gate)
        {
            Round = round;
            _possible.Add(Absent);
        }
    }

    /// <summary>Looked up.</summary>
    public void Seen(int variant) => Settle(Round, variant, "seen", before => before == variant, before => before);

    public override string ToString()
    {
        lock (_gate)
        {
            return $"{instance.Path} of round {Round}: {string.Join(" or ", _possible.Select(variant => variant == Absent ? "absent" : $"variant {variant}"))}";
        }
    }

    private void Settle(int round, int variant, string what, Func<int, bool> possible, Func<int, int> after)
    {
        lock (_gate)
        {
            var next = _possible.Where(possible).Select(after).ToHashSet();
            Assert.True(next.Count > 0, $"{this}; but it was {what} (variant {variant}) in round {round}.");
            (_possible, Round) = (next, round);
        }
    }
}
