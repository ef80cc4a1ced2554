using System.Buffers.Binary;
using VnaCloud.Archive;

namespace VnaCloud.Index.Model;

/// <summary>Metadata segments as a blob: 12 bytes each, compressed length, inflated length and CRC-32, big endian.</summary>
internal static class Segments
{
    private const int Size = 12;

    public static byte[] ToBytes(IReadOnlyList<MetadataSegment> segments)
    {
        var bytes = new byte[segments.Count * Size];
        for (var i = 0; i < segments.Count; i++)
        {
            var span = bytes.AsSpan(i * Size);
            BinaryPrimitives.WriteInt32BigEndian(span, segments[i].Length);
            BinaryPrimitives.WriteInt32BigEndian(span[4..], segments[i].InflatedLength);
            BinaryPrimitives.WriteUInt32BigEndian(span[8..], segments[i].Crc32);
        }
        return bytes;
    }

    public static MetadataSegment[] Read(ReadOnlySpan<byte> bytes)
    {
        var segments = new MetadataSegment[bytes.Length / Size];
        for (var i = 0; i < segments.Length; i++)
        {
            var span = bytes[(i * Size)..];
            segments[i] = new MetadataSegment(BinaryPrimitives.ReadInt32BigEndian(span), BinaryPrimitives.ReadInt32BigEndian(span[4..]),
                BinaryPrimitives.ReadUInt32BigEndian(span[8..]));
        }
        return segments;
    }
}
