namespace VnaCloud.Archive;

/// <summary>Parts of instances that must not be served, in memory: readers ask for every answer, and nearly always there is none.</summary>
public sealed class Quarantine
{
    /// <summary>Marks that are held; with more of them the archive has another trouble.</summary>
    public const int MaxMarks = 10_000;

    private volatile HashSet<(Origin, StoredPart)> _marks = [];

    /// <summary>There is none.</summary>
    public bool IsEmpty => _marks.Count == 0;

    /// <summary>Takes the marks as the index has them.</summary>
    public void Replace(IReadOnlyList<QuarantinedPart> marks)
    {
        ArgumentNullException.ThrowIfNull(marks);
        if (marks.Count > 0 || _marks.Count > 0)
        {
            _marks = [.. marks.Select(mark => (mark.Origin, mark.Part))];
        }
    }

    /// <summary>Whether a part of an instance must not be served.</summary>
    public bool Has(InstanceEntry entry, StoredPart part)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var marks = _marks;
        return marks.Count > 0 && marks.Contains((entry.Origin, part));
    }
}
