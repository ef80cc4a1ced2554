using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>The video track of an MP4 file (ISO/IEC 14496-12 and -15) and the transfer syntax that holds it (PS3.5 sections 8.2.7 to 8.2.11).</summary>
internal static class Mp4Header
{
    /// <summary>Bytes of a VisualSampleEntry before the boxes in it.</summary>
    private const int SampleEntryBytes = 78;

    private const int HighProfile = 100, MainProfile = 77, BaselineProfile = 66;
    private const int HevcLevel51 = 153;
    private const string Root = "1.2.840.10008.1.2.4";

    public static ImageHeader Read(SpoolReader bytes)
    {
        var file = new Box("", 0, bytes.Length);
        if (bytes.Length < 12 || !bytes.Bytes(4, 4).SequenceEqual("ftyp"u8) || Boxes.Find(bytes, file, "moov") is not { } movie)
        {
            throw BulkFaultException.Unreadable("The part is not MP4: no ftyp or no moov box.");
        }
        foreach (var track in Boxes.In(bytes, movie.Start, movie.End))
        {
            if (track.Type == "trak" && Boxes.Find(bytes, track, "mdia", "hdlr") is { } handler && bytes.Bytes(handler.Start + 8, 4).SequenceEqual("vide"u8))
            {
                return ReadTrack(bytes, Boxes.Find(bytes, track, "mdia")!.Value);
            }
        }
        throw BulkFaultException.Unreadable("The MP4 has no video track.");
    }

    private static ImageHeader ReadTrack(SpoolReader bytes, Box media)
    {
        if (Boxes.Find(bytes, media, "minf", "stbl") is not { } table || Boxes.Find(bytes, table, "stsd") is not { } descriptions
            || Boxes.In(bytes, descriptions.Start + 8, descriptions.End).FirstOrDefault() is not { Type: not null } entry)
        {
            throw BulkFaultException.Unreadable("The video track of the MP4 does not describe its samples.");
        }
        // Fragmented files count their samples elsewhere: then the metadata has to.
        var frames = Boxes.Find(bytes, table, "stsz") is { } sizes ? (int)Math.Min(bytes.U32(sizes.Start + 8), int.MaxValue) : 0;
        var (syntax, bits, method) = Codec(bytes, entry);
        return new ImageHeader
        {
            Columns = bytes.U16(entry.Start + 24),
            Rows = bytes.U16(entry.Start + 26),
            Samples = 3,
            Bits = bits,
            IsVideo = true,
            Photometric = "YBR_PARTIAL_420",
            TransferSyntax = syntax,
            LossyMethod = method,
            Frames = frames,
            FrameTime = Duration(bytes, media) is { } milliseconds and > 0 && frames > 0 ? milliseconds / frames : 0,
        };
    }

    private static double? Duration(SpoolReader bytes, Box media)
    {
        if (Boxes.Find(bytes, media, "mdhd") is not { } header)
        {
            return null;
        }
        var (scale, duration) = bytes.U8(header.Start) == 1
            ? (bytes.U32(header.Start + 20), (double)bytes.U64(header.Start + 24))
            : (bytes.U32(header.Start + 12), bytes.U32(header.Start + 16));
        return scale > 0 ? duration * 1000 / scale : null;
    }

    private static (string Syntax, int Bits, string Method) Codec(SpoolReader bytes, Box entry)
    {
        if (entry.Type is not ("avc1" or "avc3" or "hvc1" or "hev1"))
        {
            throw BulkFaultException.Unreadable("The video is neither H.264 nor H.265, which the transfer syntaxes for MP4 are.");
        }
        var isAvc = entry.Type is "avc1" or "avc3";
        var inner = new Box(entry.Type, entry.Start + SampleEntryBytes, entry.End);
        if (Boxes.Find(bytes, inner, isAvc ? "avcC" : "hvcC") is not { } configuration)
        {
            throw BulkFaultException.Unreadable("The video has no decoder configuration.");
        }
        return isAvc ? (Avc(bytes, configuration.Start), 8, "ISO_14496_10") : Hevc(bytes, configuration.Start);
    }

    // A decoder of High Profile reads Main and Constrained Baseline too (ITU-T H.264 A.2.4).
    private static string Avc(SpoolReader bytes, long configuration)
    {
        var (profile, constraints, level) = (bytes.U8(configuration + 1), bytes.U8(configuration + 2), bytes.U8(configuration + 3));
        var isHigh = profile is HighProfile or MainProfile || (profile == BaselineProfile && (constraints & 0x40) != 0);
        return (isHigh, level) switch
        {
            (true, <= 41) => $"{Root}.102",
            (true, 42) => $"{Root}.104",
            _ => throw BulkFaultException.Unreadable($"H.264 of profile {profile} at level {level / 10}.{level % 10} has no transfer syntax: High Profile up to level 4.2 has."),
        };
    }

    private static (string Syntax, int Bits, string Method) Hevc(SpoolReader bytes, long configuration)
    {
        var (profile, level, depth) = (bytes.U8(configuration + 1) & 0x1F, bytes.U8(configuration + 12), (bytes.U8(configuration + 17) & 7) + 8);
        return (profile, level) switch
        {
            (1, <= HevcLevel51) => ($"{Root}.107", 8, "ISO_23008_2"),
            (2, <= HevcLevel51) => ($"{Root}.108", depth, "ISO_23008_2"),
            _ => throw BulkFaultException.Unreadable($"H.265 of profile {profile} at level {level / 30}.{level % 30 / 3} has no transfer syntax: Main and Main 10 up to level 5.1 have."),
        };
    }
}
