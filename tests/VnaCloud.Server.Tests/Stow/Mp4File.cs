using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>The boxes of an MP4 that say what its video is; the samples are nothing.</summary>
internal sealed record Mp4File(string Codec, byte[] Configuration)
{
    public int Columns { get; init; } = 640;

    public int Rows { get; init; } = 480;

    public int Frames { get; init; } = 50;

    public static Mp4File Avc(int profile, int constraints, int level) => new("avc1", Box("avcC", [1, (byte)profile, (byte)constraints, (byte)level]));

    public static Mp4File Hevc(int profile, int level, int depth)
    {
        var configuration = new byte[23];
        (configuration[0], configuration[1], configuration[12], configuration[17]) = (1, (byte)profile, (byte)level, (byte)(0xF8 | (depth - 8)));
        return new Mp4File("hvc1", Box("hvcC", configuration));
    }

    public byte[] ToArray()
    {
        var entry = new byte[78];
        BinaryPrimitives.WriteUInt16BigEndian(entry.AsSpan(24), (ushort)Columns);
        BinaryPrimitives.WriteUInt16BigEndian(entry.AsSpan(26), (ushort)Rows);
        var sizes = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(sizes.AsSpan(8), Frames);
        var header = new byte[24];
        // 1,000 units a second; two seconds.
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), 1000);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(16), 2000);
        var sound = Box("trak", Box("mdia", Box("hdlr", [.. new byte[8], .. "soun"u8])));
        var table = Box("stbl", [.. Box("stsd", [.. new byte[8], .. Box(Codec, [.. entry, .. Configuration])]), .. Box("stsz", sizes)]);
        var video = Box("trak", Box("mdia", [.. Box("mdhd", header), .. Box("hdlr", [.. new byte[8], .. "vide"u8]), .. Box("minf", table)]));
        return [.. Box("ftyp", "isom\0\0\0\0"u8), .. Box("mdat", new byte[5000]), .. Box("moov", [.. sound, .. video])];
    }

    public static byte[] Box(string type, ReadOnlySpan<byte> content)
    {
        var box = new byte[8 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(box, box.Length);
        Encoding.ASCII.GetBytes(type, box.AsSpan(4));
        content.CopyTo(box.AsSpan(8));
        return box;
    }
}
