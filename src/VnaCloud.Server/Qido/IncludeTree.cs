using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>The attributes that includefield names; those of sequence items hang below their sequence.</summary>
internal sealed class IncludeTree
{
    private readonly Dictionary<DicomTag, IncludeTree> _children = [];

    /// <summary>The attribute at this place is wanted with all that is in it.</summary>
    public bool Whole { get; private set; }

    public IReadOnlyCollection<DicomTag> Tags => _children.Keys;

    public IncludeTree? this[DicomTag tag] => _children.GetValueOrDefault(tag);

    public void Add(ReadOnlySpan<DicomTag> path)
    {
        if (path.IsEmpty)
        {
            Whole = true;
            return;
        }
        // A private element means nothing without the creator of its block (PS3.5 7.8.1).
        if (path[0].IsPrivate && !path[0].IsPrivateCreator)
        {
            Child(path[0].PrivateCreatorTag).Whole = true;
        }
        Child(path[0]).Add(path[1..]);
    }

    private IncludeTree Child(DicomTag tag)
    {
        if (!_children.TryGetValue(tag, out var child))
        {
            _children.Add(tag, child = new IncludeTree());
        }
        return child;
    }
}
