using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>IHDR and PLTE of a PNG (ISO/IEC 15948), and where its compressed pixels begin.</summary>
/// <param name="Columns">1 to 65,535.</param>
/// <param name="Rows">1 to 65,535.</param>
/// <param name="Depth">Bits of a sample or palette index.</param>
/// <param name="Colour">Colour type of Table 11.1.</param>
/// <param name="Palette">Red, green and blue of each entry; empty where there is none.</param>
/// <param name="IsInterlaced">The pixels come in the seven passes of section 8.2.</param>
/// <param name="FirstData">Offset of the first IDAT chunk.</param>
internal sealed record PngHeader(int Columns, int Rows, int Depth, PngColour Colour, byte[] Palette, bool IsInterlaced, long FirstData)
{
    /// <summary>Chunks before the pixels; text and profiles are few.</summary>
    private const int MaxChunks = 1000;

    private const int PaletteBytes = 3 * 256;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Samples of a pixel as they are stored in the PNG, alpha included.</summary>
    public int Channels => Colour switch { PngColour.Grey or PngColour.Palette => 1, PngColour.GreyAlpha => 2, PngColour.Rgb => 3, _ => 4 };

    /// <summary>Samples of a pixel as they become pixel data: alpha is dropped, a palette looked up.</summary>
    public int Samples => Colour is PngColour.Grey or PngColour.GreyAlpha ? 1 : 3;

    public static PngHeader Read(SpoolReader bytes)
    {
        if (!bytes.StartsWith(Signature) || bytes.U32(12) != Chunk("IHDR"))
        {
            throw BulkFaultException.Unreadable("The part is not PNG: no signature, or no IHDR chunk.");
        }
        var (columns, rows, depth, colour) = (bytes.U32(16), bytes.U32(20), bytes.U8(24), (PngColour)bytes.U8(25));
        if (columns is 0 or > ushort.MaxValue || rows is 0 or > ushort.MaxValue || !IsDefined(colour, depth) || bytes.U8(26) != 0 || bytes.U8(27) != 0 || bytes.U8(28) > 1)
        {
            throw BulkFaultException.Unreadable("The PNG is larger than 65,535 pixels, or of no kind that ISO/IEC 15948 has.");
        }
        var isInterlaced = bytes.U8(28) == 1;
        byte[] palette = [];
        long at = 8;
        for (var count = 0; count < MaxChunks; count++)
        {
            var (length, type) = (bytes.U32(at), bytes.U32(at + 4));
            if (type == Chunk("IDAT"))
            {
                return colour != PngColour.Palette || palette.Length > 0 ? new PngHeader((int)columns, (int)rows, depth, colour, palette, isInterlaced, at)
                    : throw BulkFaultException.Unreadable("The PNG has no palette before its pixels.");
            }
            if (type == Chunk("PLTE") && length is > 0 and <= PaletteBytes && length % 3 == 0)
            {
                palette = bytes.Bytes(at + 8, (int)length).ToArray();
            }
            at += 12L + length;
        }
        throw BulkFaultException.Unreadable($"The PNG has more than {MaxChunks} chunks before its pixels.");
    }

    /// <summary>A chunk's type as a number.</summary>
    public static uint Chunk(string type) => ((uint)type[0] << 24) | ((uint)type[1] << 16) | ((uint)type[2] << 8) | type[3];

    private static bool IsDefined(PngColour colour, int depth) => colour switch
    {
        PngColour.Grey => depth is 1 or 2 or 4 or 8 or 16,
        PngColour.Palette => depth is 1 or 2 or 4 or 8,
        PngColour.Rgb or PngColour.GreyAlpha or PngColour.RgbAlpha => depth is 8 or 16,
        _ => false,
    };
}

/// <summary>Colour types (ISO/IEC 15948 Table 11.1).</summary>
internal enum PngColour
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}
