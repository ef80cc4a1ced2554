namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>One instance: what is visible, and what else may be seen at the next look, and why.</summary>
internal sealed class ModelEntry(InstanceKey key)
{
    private const int Absent = SimulatedFiles.Absent;

    private readonly HashSet<int> _next = [], _limbo = [], _past = [], _sent = [], _gone = [];
    private bool _wasRebuilt;

    public InstanceKey Key => key;

    public SimulatedFiles Files { get; } = SimulatedFiles.Of(key);

    /// <summary>The variant that is visible.</summary>
    public int Current { get; private set; } = Absent;

    public bool IsVisible => Current != Absent;

    /// <summary>
    /// The store may hold two different contents of this instance that nobody decided about, since a request died or failed: the archive keeps
    /// both, serves one, and says so. Nothing more is asked of it than never to serve what was not sent.
    /// </summary>
    public bool IsContested { get; private set; }

    /// <summary>A file that contests nothing: of the content that an unanswered request may have left in the store.</summary>
    public int Uncontesting(int variant) => _limbo.Count == 0 || _limbo.Any(left => SimulatedFiles.IsSame(left, variant)) ? variant : _limbo.First();

    /// <summary>What was deleted last, and when.</summary>
    public (int Variant, DateTimeOffset At)? Deleted { get; private set; }

    /// <summary>The answer said that it is stored.</summary>
    public void Acknowledged(int variant)
    {
        Current = IsVisible ? Current : variant;
        Assert.True(SimulatedFiles.IsSame(Current, variant), $"{this}: variant {variant} was acknowledged.");
        Sent(variant);
    }

    /// <summary>The answer said that other content is stored.</summary>
    public void Refused(int variant)
    {
        Sent(variant);
        Assert.True(IsContested || (IsVisible && !SimulatedFiles.IsSame(Current, variant)), $"{this}: variant {variant} was refused.");
    }

    /// <summary>Sent, and not answered, or answered with a failure: its pack may be in the store.</summary>
    public void Unanswered(int variant)
    {
        _limbo.Add(variant);
        if (!IsVisible)
        {
            _next.Add(variant);
        }
        Sent(variant);
    }

    /// <summary>A delete was sent.</summary>
    public void Deleting(DateTimeOffset now)
    {
        if (IsVisible)
        {
            (Deleted, _) = ((Current, now), _gone.Add(Current));
            _next.Add(Absent);
            _past.Add(Current);
        }
    }

    public void DeleteAcknowledged() => Current = Absent;

    /// <summary>A restore was sent.</summary>
    public void Restoring()
    {
        if (!IsVisible)
        {
            _next.UnionWith(_gone);
            _past.Add(Absent);
        }
    }

    /// <summary>A restore was answered; what was deleted after <paramref name="grace"/> must be back.</summary>
    public void RestoreAcknowledged(DateTimeOffset grace)
    {
        if (!IsVisible && Deleted is { } deleted && deleted.At > grace)
        {
            Current = deleted.Variant;
            _next.Clear();
            if (_wasRebuilt)
            {
                // Of a contested instance another index may have served, and deleted, the other content.
                _next.UnionWith(_sent.Where(variant => IsContested || SimulatedFiles.IsSame(variant, Current)));
            }
        }
    }

    /// <summary>Holds what is there against what may be.</summary>
    /// <param name="actual">The variant that is visible now.</param>
    /// <param name="wasRebuilt">The index was rebuilt from the store: what was not in the journal yet may be forgotten, and of two equal arrivals either counts.</param>
    public void See(int actual, bool wasRebuilt)
    {
        _wasRebuilt |= wasRebuilt;
        // Of two equal arrivals an index that was lost may have served the other.
        var isAdopted = actual != Absent && (IsVisible ? wasRebuilt && _sent.Contains(actual) && SimulatedFiles.IsSame(actual, Current) : _limbo.Contains(actual));
        var isExpected = actual == Current || _next.Contains(actual) || isAdopted || (wasRebuilt && _past.Contains(actual))
            || (IsContested && (wasRebuilt || (!IsVisible && _sent.Contains(actual))));
        Assert.True(isExpected, $"{this}, but {Name(actual)} is there.");
        Current = actual;
        _next.Clear();
        Contest();
    }

    /// <summary>All decisions are in the journal.</summary>
    public void Journalled() => _past.Clear();

    /// <summary>Every pack in the store is accounted for.</summary>
    public void Collected()
    {
        if (!IsContested)
        {
            _limbo.Clear();
        }
    }

    public override string ToString() =>
        $"{key.SopUid}: {Name(Current)}{(IsContested ? ", contested" : "")}, next [{string.Join(' ', _next)}], limbo [{string.Join(' ', _limbo)}], past [{string.Join(' ', _past)}]";

    private void Sent(int variant)
    {
        _sent.Add(variant);
        Contest();
    }

    private void Contest() => IsContested |= _limbo.Append(Current).Where(variant => variant != Absent).Select(variant => variant / 2).Distinct().Skip(1).Any();

    private static string Name(int variant) => variant == Absent ? "nothing" : $"variant {variant}";
}
