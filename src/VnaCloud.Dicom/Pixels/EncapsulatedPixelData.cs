namespace VnaCloud.Dicom;

/// <summary>Where the items of encapsulated pixel data are (PS3.5 section A.4): the Basic Offset Table and the fragments.</summary>
public sealed class EncapsulatedPixelData
{
    /// <summary>Bytes from the start of what was read to the header of the Basic Offset Table item.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes from <see cref="Offset"/> up to and without the sequence delimitation item.</summary>
    public long Length { get; internal set; }

    /// <summary>Entries of the Basic Offset Table, each counted from the first fragment's item header; empty when the table is.</summary>
    public IReadOnlyList<uint> BasicOffsetTable { get; internal set; } = [];

    /// <summary>The fragments in order.</summary>
    public IReadOnlyList<PixelFragment> Fragments => Items;

    /// <summary>The fragments' bytes, when the reader was told to keep pixel data; else null.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>>? Values { get; init; }

    internal List<PixelFragment> Items { get; init; } = [];
}

/// <summary>One fragment.</summary>
/// <param name="Offset">Bytes from the start of what was read to the item's header (its value begins 8 bytes later).</param>
/// <param name="Length">Bytes of the value.</param>
/// <param name="Head">Its first four bytes, big endian, zero-filled: enough to see a codestream begin.</param>
public readonly record struct PixelFragment(long Offset, uint Length, uint Head);
