namespace VnaCloud.Dicom;

/// <summary>
/// One data element (PS3.5 section 7.1): bytes as stored, or items, or fragments, or only the place where the bytes are.
/// </summary>
public sealed class DicomElement
{
    /// <summary>An element with its value bytes in the byte order that <paramref name="bigEndian"/> says.</summary>
    public DicomElement(DicomTag tag, DicomVr vr, ReadOnlyMemory<byte> value, bool bigEndian = false)
    {
        Tag = tag;
        Vr = vr;
        Value = value;
        Length = value.Length;
        IsBigEndian = bigEndian;
    }

    /// <summary>A sequence (PS3.5 section 7.5).</summary>
    public DicomElement(DicomTag tag, IReadOnlyList<DicomDataSet> items)
    {
        Tag = tag;
        Vr = DicomVr.SQ;
        Items = items;
    }

    /// <summary>Encapsulated pixel data (PS3.5 section A.4).</summary>
    public DicomElement(DicomTag tag, DicomVr vr, EncapsulatedPixelData fragments)
    {
        Tag = tag;
        Vr = vr;
        Fragments = fragments;
    }

    private DicomElement(DicomTag tag, DicomVr vr, long offset, long length, bool bigEndian)
    {
        Tag = tag;
        Vr = vr;
        Offset = offset;
        Length = length;
        IsBigEndian = bigEndian;
        IsLocatedOnly = true;
    }

    /// <summary>An element whose value was left where it is.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">The VR.</param>
    /// <param name="offset">Bytes from the start of the file to the value.</param>
    /// <param name="length">Bytes of the value.</param>
    /// <param name="bigEndian">Byte order of the value.</param>
    public static DicomElement Located(DicomTag tag, DicomVr vr, long offset, long length, bool bigEndian) => new(tag, vr, offset, length, bigEndian);

    /// <summary>The tag.</summary>
    public DicomTag Tag { get; }

    /// <summary>The value representation, from the bytes or, in implicit VR, from the dictionary.</summary>
    public DicomVr Vr { get; }

    /// <summary>The value's bytes, padding included; empty for sequences, fragments and located values.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Bytes of the value; for sequences and fragments 0.</summary>
    public long Length { get; }

    /// <summary>Bytes from the start of what was read (deflated data sets: as if inflated in place) to the value; 0 in built elements.</summary>
    public long Offset { get; init; }

    /// <summary>Numbers are in big endian order.</summary>
    public bool IsBigEndian { get; }

    /// <summary>The value is longer than the reader was told to keep: see <see cref="Offset"/> and <see cref="Length"/>.</summary>
    public bool IsLocatedOnly { get; }

    /// <summary>The items of a sequence, else null.</summary>
    public IReadOnlyList<DicomDataSet>? Items { get; }

    /// <summary>Encapsulated pixel data, else null.</summary>
    public EncapsulatedPixelData? Fragments { get; }

    /// <summary>No value: zero length and neither items nor fragments.</summary>
    public bool IsEmpty => Length == 0 && Items is not { Count: > 0 } && Fragments is null;

    /// <inheritdoc/>
    public override string ToString() => $"{Tag} {Vr} {(Items is null ? $"{Length} bytes" : $"{Items.Count} items")}";
}
