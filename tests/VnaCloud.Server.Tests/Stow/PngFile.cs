using System.Buffers.Binary;
using System.IO.Compression;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>Writes PNGs of every kind, their rows filtered by each of the five filters in turn.</summary>
internal sealed record PngFile(int Columns, int Rows, int Depth, int Colour)
{
    public int Interlace { get; init; }

    public byte[] Palette { get; init; } = [];

    /// <summary>Chunks that the pixels are spread over.</summary>
    public int Chunks { get; init; } = 3;

    private int Channels => Colour switch { 0 or 3 => 1, 4 => 2, 2 => 3, _ => 4 };

    public int RowBytes => ((Columns * Depth * Channels) + 7) / 8;

    public byte[] ToArray(byte[] packed)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Columns);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Rows);
        (header[8], header[9], header[12]) = ((byte)Depth, (byte)Colour, (byte)Interlace);
        Chunk(file, "IHDR", header);
        Chunk(file, "tEXt", "Title\0x"u8);
        if (Palette.Length > 0)
        {
            Chunk(file, "PLTE", Palette);
        }
        var data = Compressed(packed);
        for (var i = 0; i < Chunks; i++)
        {
            Chunk(file, "IDAT", data.AsSpan(i * data.Length / Chunks, ((i + 1) * data.Length / Chunks) - (i * data.Length / Chunks)));
        }
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>Claims the pixels and has hardly any.</summary>
    public byte[] Header() => (this with { Rows = 1, Columns = 1 }).ToArray(new byte[8]) is var small ? [.. small[..16], .. Number(Columns), .. Number(Rows), .. small[24..]] : [];

    private static byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private byte[] Compressed(byte[] packed)
    {
        using var output = new MemoryStream();
        using (var zlib = new ZLibStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            var unit = Math.Max(1, Depth * Channels / 8);
            for (var row = 0; row < Rows; row++)
            {
                var filter = row % 5;
                zlib.WriteByte((byte)filter);
                for (var i = 0; i < RowBytes; i++)
                {
                    int At(int up, int left) => row - up >= 0 && i - left >= 0 ? packed[((row - up) * RowBytes) + i - left] : 0;
                    var (a, b, c) = (At(0, unit), At(1, 0), At(1, unit));
                    var predicted = filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => Paeth(a, b, c) };
                    zlib.WriteByte((byte)(At(0, 0) - predicted));
                }
            }
        }
        return output.ToArray();
    }

    private static int Paeth(int a, int b, int c)
    {
        var (pa, pb, pc) = (Math.Abs(b - c), Math.Abs(a - c), Math.Abs(a + b - (2 * c)));
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }

    private static void Chunk(MemoryStream file, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(System.Text.Encoding.ASCII.GetBytes(type));
        file.Write(data);
        // The reader relies on zlib's own checksum.
        file.Write(new byte[4]);
    }
}
