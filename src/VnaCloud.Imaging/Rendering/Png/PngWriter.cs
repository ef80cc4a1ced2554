using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>Writes pictures as PNG (ISO/IEC 15948): grayscale or RGB of 8 bits, not interlaced.</summary>
public static class PngWriter
{
    private const byte ColorTypeGrayscale = 0;
    private const byte ColorTypeRgb = 2;

    /// <summary>Writes a picture.</summary>
    public static void Write(Picture picture, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(output);
        output.Write<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], picture.Height);
        header[8] = 8;
        header[9] = picture.Channels == 1 ? ColorTypeGrayscale : ColorTypeRgb;
        WriteChunk(output, "IHDR"u8, header);
        if (!picture.Profile.IsEmpty)
        {
            WriteProfile(output, picture.Profile);
        }
        using var compressed = new MemoryStream();
        Compress(picture, compressed);
        WriteChunk(output, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(output, "IEND"u8, []);
    }

    // iCCP: a name, the method 0, the profile deflated.
    private static void WriteProfile(IBufferWriter<byte> output, ReadOnlyMemory<byte> profile)
    {
        using var chunk = new MemoryStream();
        chunk.Write("ICC\0\0"u8);
        using (var zlib = new ZLibStream(chunk, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(profile.Span);
        }
        WriteChunk(output, "iCCP"u8, chunk.GetBuffer().AsSpan(0, (int)chunk.Length));
    }

    private static void Compress(Picture picture, MemoryStream output)
    {
        // Rendered pictures are fetched once, by someone who waits: the last percent of compression costs more than it saves.
        using var zlib = new ZLibStream(output, CompressionLevel.Fastest, leaveOpen: true);
        var filter = new PngFilter(picture.RowLength, picture.Channels);
        for (var row = 0; row < picture.Height; row++)
        {
            zlib.Write(filter.Apply(picture.Row(row)));
        }
    }

    private static void WriteChunk(IBufferWriter<byte> output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        output.Write(number);
        output.Write(type);
        output.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Append(Crc32.Append(0, type), data));
        output.Write(number);
    }
}
