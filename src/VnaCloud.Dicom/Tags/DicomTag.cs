using System.Globalization;

namespace VnaCloud.Dicom;

/// <summary>A data element tag: group and element number (PS3.5 section 7.1).</summary>
/// <param name="Value">Group in the upper 16 bits, element in the lower.</param>
public readonly record struct DicomTag(uint Value) : IComparable<DicomTag>
{
    /// <summary>Builds a tag from its two halves.</summary>
    public DicomTag(ushort group, ushort element) : this(((uint)group << 16) | element) { }

    /// <summary>The group number.</summary>
    public ushort Group => (ushort)(Value >> 16);

    /// <summary>The element number.</summary>
    public ushort Element => (ushort)Value;

    /// <summary>An odd group is private (PS3.5 section 7.8).</summary>
    public bool IsPrivate => (Value & 0x1_0000) != 0;

    /// <summary>(gggg,0010-00FF) with gggg odd reserves a block of private elements (PS3.5 section 7.8.1).</summary>
    public bool IsPrivateCreator => IsPrivate && Element is >= 0x10 and <= 0xFF;

    /// <summary>The tag of the private creator that reserves this private element's block.</summary>
    public DicomTag PrivateCreatorTag => new(Group, (ushort)(Element >> 8));

    /// <summary>(gggg,0000), retired except in groups 0000 and 0002 (PS3.5 section 7.2).</summary>
    public bool IsGroupLength => Element == 0;

    /// <summary>Pixel Data, Float Pixel Data or Double Float Pixel Data (PS3.3 C.7.6.3, C.7.6.24, C.7.6.25).</summary>
    public bool IsPixelData => Value is 0x7FE0_0008 or 0x7FE0_0009 or 0x7FE0_0010;

    /// <inheritdoc/>
    public int CompareTo(DicomTag other) => Value.CompareTo(other.Value);

    /// <summary>Eight upper-case hexadecimal digits, as DICOM JSON names attributes (PS3.18 F.2.2).</summary>
    public string ToHex() => Value.ToString("X8", CultureInfo.InvariantCulture);

    /// <summary>The form in which the standard prints tags, (gggg,eeee).</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Group:X4},{Element:X4})");

    /// <summary>Reads eight hexadecimal digits in either case; nothing else is a tag.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out DicomTag tag)
    {
        var ok = text.Length == 8 & uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        tag = new DicomTag(ok ? value : 0);
        return ok;
    }

    /// <summary>Tag order, the order of elements in a data set (PS3.5 section 7.1).</summary>
    public static bool operator <(DicomTag left, DicomTag right) => left.Value < right.Value;

    /// <summary>Tag order.</summary>
    public static bool operator >(DicomTag left, DicomTag right) => left.Value > right.Value;

    /// <summary>Tag order.</summary>
    public static bool operator <=(DicomTag left, DicomTag right) => left.Value <= right.Value;

    /// <summary>Tag order.</summary>
    public static bool operator >=(DicomTag left, DicomTag right) => left.Value >= right.Value;
}
