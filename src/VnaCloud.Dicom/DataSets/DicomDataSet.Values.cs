using System.Buffers.Binary;
using System.Globalization;

namespace VnaCloud.Dicom;

public sealed partial class DicomDataSet
{
    /// <summary>
    /// The element's values as text: strings decoded and split as their VR says (PS3.5 section 6.2), numbers in invariant culture.
    /// Empty when the element is absent, empty, bulk, a sequence, or only located.
    /// </summary>
    public IReadOnlyList<string> Strings(DicomTag tag)
    {
        if (this[tag] is not { IsLocatedOnly: false, Items: null, Fragments: null, Length: > 0 } element)
        {
            return [];
        }
        if (element.Vr.NumberSize() > 0)
        {
            return Numbers(element);
        }
        // UN and misdeclared VRs of a known attribute read as the dictionary's text VR: the bytes say the same.
        var vr = element.Vr.IsText() ? element.Vr : DicomDictionary.VrOf(tag, null);
        return vr.IsText() ? CharacterSet.DecodeValues(element.Value.Span, vr) : [];
    }

    /// <summary>The first value as text, or the empty string.</summary>
    public string String(DicomTag tag) => Strings(tag) is { Count: > 0 } values ? values[0] : "";

    /// <summary>The first value as an integer (US, SS, UL, SL, UV, SV or IS), or null when there is none that fits.</summary>
    public long? Integer(DicomTag tag) =>
        long.TryParse(String(tag), NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The items of a sequence; none where it is missing or is no sequence.</summary>
    public IReadOnlyList<DicomDataSet> Items(DicomTag tag) => this[tag]?.Items ?? [];

    /// <summary>Adds a sequence with an item for each of <paramref name="source"/>; an empty one is not added, since readers take it for something that is said.</summary>
    /// <param name="tag">Of the sequence.</param>
    /// <param name="source">One item for each.</param>
    /// <param name="fill">Fills the item that it is given and gives it back.</param>
    public DicomDataSet AddSequence<T>(DicomTag tag, IEnumerable<T> source, Func<DicomDataSet, T, DicomDataSet> fill)
    {
        var items = source.Select(one => fill(new DicomDataSet { Parent = this }, one)).ToList();
        return items.Count > 0 ? Set(new DicomElement(tag, items)) : this;
    }

    /// <summary>Adds or replaces a text element, encoded in this data set's character set and padded to even length.</summary>
    /// <remarks>Values are joined by backslashes (PS3.5 section 6.4).</remarks>
    public DicomDataSet Set(DicomTag tag, DicomVr vr, params IReadOnlyList<string> values)
    {
        var text = string.Join('\\', values);
        var bytes = vr.UsesCharacterSet() ? CharacterSet.Encode(text, vr) : System.Text.Encoding.Latin1.GetBytes(text);
        if (bytes.Length % 2 != 0)
        {
            Array.Resize(ref bytes, bytes.Length + 1);
            bytes[^1] = vr.Padding();
        }
        return Set(new DicomElement(tag, vr, bytes));
    }

    /// <summary>Adds or replaces an element of unsigned 16-bit numbers (US).</summary>
    public DicomDataSet Set(DicomTag tag, params ReadOnlySpan<ushort> values)
    {
        var bytes = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), values[i]);
        }
        return Set(new DicomElement(tag, DicomVr.US, bytes));
    }

    private static string[] Numbers(DicomElement element)
    {
        var size = element.Vr.NumberSize();
        var values = new string[element.Value.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = DicomNumber.Format(element.Value.Span.Slice(i * size, size), element.Vr, element.IsBigEndian);
        }
        return values;
    }
}
