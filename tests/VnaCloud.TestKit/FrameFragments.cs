using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.TestKit;

/// <summary>Compressed frames out of files in memory.</summary>
public static class FrameFragments
{
    private const uint Item = 0xE000_FFFE;

    /// <summary>A frame's fragments, joined; anything but items in its range is an error.</summary>
    public static byte[] Join(ReadOnlySpan<byte> file, FrameRange range)
    {
        var rest = file.Slice((int)range.Offset, (int)range.Length);
        var joined = new List<byte>(rest.Length);
        for (var i = 0; i < range.Fragments; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(rest) != Item)
            {
                throw new InvalidDataException($"Fragment {i} has no item header.");
            }
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            joined.AddRange(rest.Slice(8, length));
            rest = rest[(8 + length)..];
        }
        return rest.IsEmpty ? [.. joined] : throw new InvalidDataException($"{rest.Length} bytes follow the last fragment.");
    }
}
