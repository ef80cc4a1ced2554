namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>What seeds did.</summary>
internal sealed class SimulationCounts
{
    public long Steps { get; set; }
    public long Acknowledged { get; set; }
    public long Pauses { get; set; }
    public long Deaths { get; set; }
    public long Rebuilds { get; set; }
    public long Adoptions { get; set; }
    public long Changes { get; set; }
    public long Contested { get; set; }
    public long Compacted { get; set; }
    public long Collected { get; set; }

    public long Compared { get; set; }

    public Dictionary<Fault, int> Faults { get; } = [];

    public Dictionary<string, TimeSpan> Time { get; } = [];

    public void Took(string what, TimeSpan time) => Time[what] = Time.GetValueOrDefault(what) + time;

    public void Add(SimulationCounts other)
    {
        Steps += other.Steps;
        Acknowledged += other.Acknowledged;
        Pauses += other.Pauses;
        Deaths += other.Deaths;
        Rebuilds += other.Rebuilds;
        Adoptions += other.Adoptions;
        Changes += other.Changes;
        Contested += other.Contested;
        Compacted += other.Compacted;
        Collected += other.Collected;
        Compared += other.Compared;
        foreach (var (what, time) in other.Time)
        {
            Took(what, time);
        }
        foreach (var (fault, count) in other.Faults)
        {
            Faults[fault] = Faults.GetValueOrDefault(fault) + count;
        }
    }

    public override string ToString() => $"{Steps} steps, {Pauses} pauses, {Acknowledged} acknowledged, {Deaths} deaths, {Compacted} packs compacted, {Collected} deleted, "
        + $"{Rebuilds} rebuilds, {Adoptions} restored and adopted, {Compared} indexes rebuilt and compared, {Changes} changes read, {Contested} contested; faults: {string.Join(", ", Faults.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"))}; "
        + $"seconds: {string.Join(", ", Time.OrderByDescending(pair => pair.Value).Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value.TotalSeconds:F1}")))}";
}
