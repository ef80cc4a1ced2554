using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Main header of a JPEG 2000 or HTJ2K codestream (ITU-T T.800 Annex A, T.814).</summary>
internal static class Jpeg2000Header
{
    /// <summary>Marker segments of a main header.</summary>
    private const int MaxSegments = 1000;

    private const int Size = 0xFF51, CodingStyle = 0xFF52, Capabilities = 0xFF50, StartOfTile = 0xFF90;
    private const string Root = "1.2.840.10008.1.2.4";

    public static ImageHeader Read(SpoolReader bytes)
    {
        // Within a JP2 file the codestream stands somewhere behind.
        var at = Codestream.Of(bytes, "image/jp2").Offset - bytes.Range.Offset;
        if (bytes.U32(at) != 0xFF4F_FF51)
        {
            throw BulkFaultException.Unreadable("The part is not JPEG 2000: no SOC and SIZ marker.");
        }
        long? size = null, style = null;
        var isHighThroughput = false;
        at += 2;
        for (var count = 0; count < MaxSegments && bytes.U16(at) is var marker && marker != StartOfTile; count++)
        {
            size ??= marker == Size ? at + 2 : null;
            style ??= marker == CodingStyle ? at + 2 : null;
            isHighThroughput |= marker == Capabilities;
            at += 2 + Math.Max(bytes.U16(at + 2), 2);
        }
        return style is { } coding ? ToHeader(bytes, size!.Value, coding, isHighThroughput)
            : throw BulkFaultException.Unreadable("The JPEG 2000 codestream has no coding style.");
    }

    // Offsets from the segments' lengths: T.800 Tables A.9 and A.12.
    private static ImageHeader ToHeader(SpoolReader bytes, long size, long style, bool isHighThroughput)
    {
        var columns = (long)bytes.U32(size + 4) - bytes.U32(size + 12);
        var rows = (long)bytes.U32(size + 8) - bytes.U32(size + 16);
        var components = bytes.U16(size + 36);
        var depth = bytes.U8(size + 38);
        var isTransformed = bytes.U8(style + 6) != 0;
        var isReversible = bytes.U8(style + 11) == 1;
        if (rows is < 1 or > ushort.MaxValue || columns is < 1 or > ushort.MaxValue || components is not (1 or 3) || (depth & 0x7F) > 15)
        {
            throw BulkFaultException.Unreadable("The JPEG 2000 image is larger than 65,535 pixels, deeper than 16 bits, or neither grey nor of three components.");
        }
        return new ImageHeader
        {
            Rows = (int)rows,
            Columns = (int)columns,
            Samples = components,
            Bits = (depth & 0x7F) + 1,
            IsSigned = (depth & 0x80) != 0,
            // PS3.3 C.7.6.3.1.2.
            Photometric = components == 1 ? "MONOCHROME2" : !isTransformed ? "RGB" : isReversible ? "YBR_RCT" : "YBR_ICT",
            TransferSyntax = (isHighThroughput, isReversible) switch
            {
                (true, true) => $"{Root}.201",
                (true, false) => $"{Root}.203",
                (false, true) => $"{Root}.90",
                _ => $"{Root}.91",
            },
            LossyMethod = isReversible ? null : isHighThroughput ? "ISO_15444_15" : "ISO_15444_1",
        };
    }
}
