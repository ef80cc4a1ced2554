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

    /// <summary>Where the bytes of frames lie, when they were collected from elsewhere to be written; else null.</summary>
    public IReadOnlyList<ValueRange>? Collected { get; private init; }

    internal List<PixelFragment> Items { get; init; } = [];

    /// <summary>Frames that become one fragment each, to be written from where they lie now.</summary>
    /// <remarks>The Basic Offset Table is empty for one frame, and where the last frame begins past its 32 bits (PS3.5 section A.4).</remarks>
    public static EncapsulatedPixelData Collect(IReadOnlyList<ValueRange> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var offsets = new List<uint>();
        long offset = 0;
        foreach (var frame in frames)
        {
            if (offset <= uint.MaxValue)
            {
                offsets.Add((uint)offset);
            }
            offset += 8L + frame.Length + (frame.Length & 1);
        }
        return new EncapsulatedPixelData
        {
            Collected = frames,
            BasicOffsetTable = frames.Count > 1 && offsets.Count == frames.Count ? offsets : [],
        };
    }
}

/// <summary>Bytes of a value that lie somewhere.</summary>
/// <param name="Offset">Of the first.</param>
/// <param name="Length">How many; at most <see cref="MaxLength"/>.</param>
public readonly record struct ValueRange(long Offset, uint Length)
{
    /// <summary>Longest value of even length that is not of undefined length (PS3.5 section 7.1.2).</summary>
    public const uint MaxLength = 0xFFFF_FFFE;
}

/// <summary>One fragment.</summary>
/// <param name="Offset">Bytes from the start of what was read to the item's header (its value begins 8 bytes later).</param>
/// <param name="Length">Bytes of the value.</param>
/// <param name="Head">Its first four bytes, big endian, zero-filled: enough to see a codestream begin.</param>
public readonly record struct PixelFragment(long Offset, uint Length, uint Head);
