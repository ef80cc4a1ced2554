namespace VnaCloud.Archive;

/// <summary>What verification looks for.</summary>
public enum FindingKind
{
    /// <summary>Footer or manifest cannot be read: nothing else of the pack was checked.</summary>
    Pack,

    /// <summary>A tar header, or a member of the pack's own, is not what the manifest says.</summary>
    Tar,

    /// <summary>Stored bytes do not have their digest any more, or cannot be read.</summary>
    Bytes,

    /// <summary>Stored metadata does not inflate to what was written.</summary>
    Metadata,

    /// <summary>The frame table does not agree with the pixel data.</summary>
    Frames,

    /// <summary>The index names a pack, or a place in one, that is not there.</summary>
    Row,

    /// <summary>A journal object cannot be read.</summary>
    Journal,

    /// <summary>The index refers to an object that the store does not have.</summary>
    Missing,

    /// <summary>An unreferenced pack holds an instance whose UIDs the index has with other content; it is kept.</summary>
    Conflict,
}

/// <summary>Something that is wrong.</summary>
/// <param name="Kind">What.</param>
/// <param name="Object">Key of the object.</param>
/// <param name="Member">Name of the pack's member, or empty.</param>
/// <param name="Text">A sentence.</param>
public sealed record Finding(FindingKind Kind, string Object, string Member, string Text);

/// <summary>What a verification did and found.</summary>
public sealed class VerifyReport
{
    /// <summary>Findings and notes that are kept; more are only counted.</summary>
    public const int MaxListed = 10_000;

    private readonly Lock _gate = new();
    private readonly List<Finding> _findings = [];
    private readonly List<string> _notes = [];
    private long _packs, _instances, _bytes, _rows;

    /// <summary>Packs read.</summary>
    public long Packs => _packs;

    /// <summary>Instances hashed, deleted and void ones among them.</summary>
    public long Instances => _instances;

    /// <summary>Bytes hashed.</summary>
    public long Bytes => _bytes;

    /// <summary>Live rows of the index held against the packs.</summary>
    public long Rows => _rows;

    /// <summary>Findings in all.</summary>
    public long FindingCount { get; private set; }

    /// <summary>The first findings.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Nothing is wrong, but good to know: packs that no row names.</summary>
    public IReadOnlyList<string> Notes => _notes;

    internal void Add(FindingKind kind, string key, string member, string text)
    {
        lock (_gate)
        {
            FindingCount++;
            if (_findings.Count < MaxListed)
            {
                _findings.Add(new Finding(kind, key, member, text));
            }
        }
    }

    internal void Note(string text)
    {
        lock (_gate)
        {
            if (_notes.Count < MaxListed)
            {
                _notes.Add(text);
            }
        }
    }

    internal void CountPack() => Interlocked.Increment(ref _packs);

    internal void CountInstance(long bytes)
    {
        Interlocked.Increment(ref _instances);
        Interlocked.Add(ref _bytes, bytes);
    }

    internal void CountRow() => _rows++;
}
