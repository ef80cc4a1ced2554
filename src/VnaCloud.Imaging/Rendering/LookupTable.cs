using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// A table with a descriptor of three values: entries, first value mapped, bits of an entry (PS3.3 C.11.1.1, C.11.2.1.1 and
/// C.7.6.3.1.5). Values below the first mapped one take the first entry, values above the last one the last.
/// </summary>
internal sealed class LookupTable
{
    /// <summary>Entries that a descriptor can ask for: 0 means as many.</summary>
    public const int MaxEntries = 1 << 16;

    private const int MaxBits = 16;
    private readonly ushort[] _entries;
    private readonly int _first;

    public LookupTable(ushort[] entries, int first, int bits)
    {
        _entries = entries;
        _first = first;
        // Tables deeper than they say are common: taken at their word they would wrap or clip.
        var highest = entries.Max();
        Bits = bits;
        while (Bits < MaxBits && highest >> Bits != 0)
        {
            Bits++;
        }
    }

    /// <summary>Bits of an entry.</summary>
    public int Bits { get; }

    /// <summary>The highest value of an entry of so many bits.</summary>
    public int Highest => (1 << Bits) - 1;

    /// <summary>The entry of a value.</summary>
    public ushort this[double value] => _entries[(int)Math.Clamp(Math.Round(value) - _first, 0, _entries.Length - 1)];

    /// <summary>The table of a LUT sequence's item, or null where it has none that can be read.</summary>
    public static LookupTable? Of(DicomDataSet item, bool signedInput) =>
        LutDescriptor.Of(item, DicomTags.LUTDescriptor, signedInput) is { } descriptor ? Of(item, DicomTags.LUTData, descriptor) : null;

    /// <summary>The table of these data, or null where there are none.</summary>
    public static LookupTable? Of(DicomDataSet dataSet, DicomTag data, LutDescriptor descriptor)
    {
        if (dataSet[data] is not { Value.IsEmpty: false } element)
        {
            return null;
        }
        var bytes = ByteOrder.Swapped(element.Value.Span, element.IsBigEndian ? element.Vr.SwapUnit() : 1);
        // Entries of 8 bits lie side by side (PS3.3 C.7.6.3.1.6), or, as many wrote them, each in a word of its own.
        var words = descriptor.Bits > 8 || bytes.Length >= 2 * descriptor.Entries;
        var entries = new ushort[Math.Min(descriptor.Entries, words ? bytes.Length / 2 : bytes.Length)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = words ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i)) : bytes[i];
        }
        return entries.Length > 0 ? new LookupTable(entries, descriptor.First, descriptor.Bits) : null;
    }
}

/// <summary>A LUT descriptor, or a palette's.</summary>
/// <param name="Entries">Entries of the table, 65536 where the attribute says 0.</param>
/// <param name="First">The value that the first entry is for.</param>
/// <param name="Bits">Bits of an entry, 1 to 16.</param>
internal readonly record struct LutDescriptor(int Entries, int First, int Bits)
{
    /// <summary>
    /// Reads three US or SS values; null where they are none. The first and third are unsigned whatever the VR says; the second is
    /// signed where the values to map can be: implicit VR does not tell, and writers often name the wrong one of the two.
    /// </summary>
    public static LutDescriptor? Of(DicomDataSet dataSet, DicomTag tag, bool signedInput)
    {
        if (dataSet[tag] is not { Value.Length: >= 6 } element)
        {
            return null;
        }
        Span<ushort> values = stackalloc ushort[3];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (ushort)DicomNumber.Integer(element.Value.Span.Slice(2 * i, 2), DicomVr.US, element.IsBigEndian);
        }
        int first = signedInput || element.Vr == DicomVr.SS ? (short)values[1] : values[1];
        return values[2] is >= 1 and <= 16 ? new LutDescriptor(values[0] == 0 ? LookupTable.MaxEntries : values[0], first, values[2]) : null;
    }
}
