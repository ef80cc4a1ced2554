using System.Collections;

namespace VnaCloud.Dicom;

/// <summary>
/// A data set or item: elements in ascending order of tag, one of each (PS3.5 section 7.1). Items know the data set around them,
/// whose character set and byte order they inherit.
/// </summary>
public sealed partial class DicomDataSet : IReadOnlyCollection<DicomElement>
{
    private readonly List<DicomElement> _elements = [];
    private SpecificCharacterSet? _characterSet;

    /// <summary>The data set that this item belongs to, else null.</summary>
    public DicomDataSet? Parent { get; init; }

    /// <inheritdoc/>
    public int Count => _elements.Count;

    /// <summary>The element with this tag, or null.</summary>
    public DicomElement? this[DicomTag tag]
    {
        get
        {
            var index = IndexOf(tag);
            return index >= 0 ? _elements[index] : null;
        }
    }

    /// <summary>
    /// The character set of this data set's text: Specific Character Set (0008,0005) here, else of the data set around it, else the
    /// default repertoire (PS3.3 section C.12.1.1.2).
    /// </summary>
    public SpecificCharacterSet CharacterSet => _characterSet ??= FindCharacterSet();

    /// <summary>Adds an element, or replaces the one with its tag.</summary>
    public DicomDataSet Set(DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        Forget(element.Tag);
        var index = IndexOf(element.Tag);
        if (index >= 0)
        {
            _elements[index] = element;
        }
        else
        {
            _elements.Insert(~index, element);
        }
        return this;
    }

    /// <summary>Adds an element unless one with its tag is there; says whether it did.</summary>
    public bool TryAdd(DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        Forget(element.Tag);
        if (_elements.Count == 0 || _elements[^1].Tag < element.Tag)
        {
            _elements.Add(element);
            return true;
        }
        var index = IndexOf(element.Tag);
        if (index >= 0)
        {
            return false;
        }
        _elements.Insert(~index, element);
        return true;
    }

    /// <summary>Removes the element with this tag; says whether there was one.</summary>
    public bool Remove(DicomTag tag)
    {
        Forget(tag);
        var index = IndexOf(tag);
        if (index < 0)
        {
            return false;
        }
        _elements.RemoveAt(index);
        return true;
    }

    /// <summary>The private creator that reserved a private element's block in this data set, or null (PS3.5 section 7.8.1).</summary>
    public string? PrivateCreatorOf(DicomTag tag) =>
        tag.IsPrivate && !tag.IsPrivateCreator && this[tag.PrivateCreatorTag] is { } creator ? CreatorText(creator.Value.Span) : null;

    /// <inheritdoc/>
    public IEnumerator<DicomElement> GetEnumerator() => _elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal DicomTag? LastTag => _elements.Count == 0 ? null : _elements[^1].Tag;

    internal static string CreatorText(ReadOnlySpan<byte> value) => System.Text.Encoding.Latin1.GetString(value).Trim(' ', '\0');

    private int IndexOf(DicomTag tag)
    {
        int low = 0, high = _elements.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = _elements[middle].Tag;
            if (found == tag)
            {
                return middle;
            }
            if (found < tag)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        return ~low;
    }

    private void Forget(DicomTag tag)
    {
        if (tag == DicomTags.SpecificCharacterSet)
        {
            _characterSet = null;
        }
    }

    private SpecificCharacterSet FindCharacterSet()
    {
        if (this[DicomTags.SpecificCharacterSet] is { } element)
        {
            var terms = System.Text.Encoding.ASCII.GetString(element.Value.Span).Split('\\', StringSplitOptions.TrimEntries);
            return SpecificCharacterSet.Parse(Array.ConvertAll(terms, term => term.Trim('\0', ' ')));
        }
        return Parent?.CharacterSet ?? SpecificCharacterSet.Default;
    }
}
