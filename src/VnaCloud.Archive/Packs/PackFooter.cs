using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>The last member's 512 bytes: where the members before it are. Found at a fixed distance from the end of the pack.</summary>
/// <param name="Version">Format version.</param>
/// <param name="MetadataOffset">First byte of the metadata member's data.</param>
/// <param name="MetadataLength">Bytes.</param>
/// <param name="FramesOffset">First byte of the frame tables.</param>
/// <param name="FramesLength">Bytes.</param>
/// <param name="ManifestOffset">First byte of the manifest.</param>
/// <param name="ManifestLength">Bytes.</param>
/// <param name="Members">Instances in the pack.</param>
public sealed record PackFooter(int Version, long MetadataOffset, long MetadataLength, long FramesOffset, long FramesLength, long ManifestOffset, long ManifestLength, int Members)
{
    private const int ChecksumAt = PackFormat.Block - 4;

    /// <summary>Writes one block: magic, version, three places, members, zeros, CRC-32 of all before it. Little endian.</summary>
    public void Write(Span<byte> block)
    {
        block[..PackFormat.Block].Clear();
        PackFormat.FooterMagic.CopyTo(block);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], Members);
        ReadOnlySpan<long> places = [MetadataOffset, MetadataLength, FramesOffset, FramesLength, ManifestOffset, ManifestLength];
        for (var i = 0; i < places.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(block[(16 + 8 * i)..], places[i]);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(block[ChecksumAt..], Crc32.Append(0, block[..ChecksumAt]));
    }

    /// <summary>Reads the block.</summary>
    /// <exception cref="InvalidDataException">It is no footer, is damaged, or is of a later version.</exception>
    public static PackFooter Read(ReadOnlySpan<byte> block)
    {
        if (block.Length < PackFormat.Block || !block.StartsWith(PackFormat.FooterMagic)
            || BinaryPrimitives.ReadUInt32LittleEndian(block[ChecksumAt..]) != Crc32.Append(0, block[..ChecksumAt]))
        {
            throw new InvalidDataException("The object does not end with a pack footer.");
        }
        var version = BinaryPrimitives.ReadInt32LittleEndian(block[8..]);
        PackFormat.RequireVersion(version);
        var places = new long[6];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = BinaryPrimitives.ReadInt64LittleEndian(block[(16 + 8 * i)..]);
        }
        return new PackFooter(version, places[0], places[1], places[2], places[3], places[4], places[5], BinaryPrimitives.ReadInt32LittleEndian(block[12..]));
    }
}
