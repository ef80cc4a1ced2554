using static VnaCloud.Dicom.TransferSyntaxTraits;

namespace VnaCloud.Dicom;

/// <summary>The transfer syntaxes of PS3.6 Table A-1 with the media types of PS3.18 section 8.7.3.</summary>
internal static class TransferSyntaxTable
{
    internal const string OctetStream = "application/octet-stream";

    private const string Root = "1.2.840.10008.1.2";
    private const TransferSyntaxTraits LossyFragments = Encapsulated | Lossy;

    internal static IEnumerable<TransferSyntax> Rows() =>
        Native().Concat(Jpeg()).Concat(LaterImages()).Concat(Videos()).Concat(Others());

    private static IEnumerable<TransferSyntax> Native() =>
    [
        Row("", "Implicit VR Little Endian", ImplicitVr, OctetStream),
        Row(".1", "Explicit VR Little Endian", None, OctetStream),
        Row(".1.98", "Encapsulated Uncompressed Explicit VR Little Endian", Encapsulated, OctetStream),
        Row(".1.99", "Deflated Explicit VR Little Endian", Deflated, OctetStream),
        Row(".2", "Explicit VR Big Endian", BigEndian | Retired, OctetStream),
    ];

    private static IEnumerable<TransferSyntax> Jpeg() =>
    [
        Row(".4.50", "JPEG Baseline (Process 1)", LossyFragments, "image/jpeg"),
        Row(".4.51", "JPEG Extended (Process 2 & 4)", LossyFragments, "image/jpeg"),
        Row(".4.52", "JPEG Extended (Process 3 & 5)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.53", "JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.54", "JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.55", "JPEG Full Progression, Non-Hierarchical (Process 10 & 12)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.56", "JPEG Full Progression, Non-Hierarchical (Process 11 & 13)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.57", "JPEG Lossless, Non-Hierarchical (Process 14)", Encapsulated, "image/jpeg"),
        Row(".4.58", "JPEG Lossless, Non-Hierarchical (Process 15)", Encapsulated | Retired, "image/jpeg"),
        Row(".4.59", "JPEG Extended, Hierarchical (Process 16 & 18)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.60", "JPEG Extended, Hierarchical (Process 17 & 19)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.61", "JPEG Spectral Selection, Hierarchical (Process 20 & 22)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.62", "JPEG Spectral Selection, Hierarchical (Process 21 & 23)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.63", "JPEG Full Progression, Hierarchical (Process 24 & 26)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.64", "JPEG Full Progression, Hierarchical (Process 25 & 27)", LossyFragments | Retired, "image/jpeg"),
        Row(".4.65", "JPEG Lossless, Hierarchical (Process 28)", Encapsulated | Retired, "image/jpeg"),
        Row(".4.66", "JPEG Lossless, Hierarchical (Process 29)", Encapsulated | Retired, "image/jpeg"),
        Row(".4.70", "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])", Encapsulated, "image/jpeg"),
    ];

    private static IEnumerable<TransferSyntax> LaterImages() =>
    [
        Row(".4.80", "JPEG-LS Lossless Image Compression", Encapsulated, "image/jls"),
        Row(".4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression", LossyFragments, "image/jls"),
        Row(".4.90", "JPEG 2000 Image Compression (Lossless Only)", Encapsulated, "image/jp2"),
        Row(".4.91", "JPEG 2000 Image Compression", LossyFragments, "image/jp2"),
        Row(".4.92", "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)", Encapsulated, "image/jpx"),
        Row(".4.93", "JPEG 2000 Part 2 Multi-component Image Compression", LossyFragments, "image/jpx"),
        Row(".4.110", "JPEG XL Lossless", Encapsulated, "image/jxl"),
        Row(".4.111", "JPEG XL JPEG Recompression", LossyFragments, "image/jxl"),
        Row(".4.112", "JPEG XL", LossyFragments, "image/jxl"),
        Row(".4.201", "High-Throughput JPEG 2000 Image Compression (Lossless Only)", Encapsulated, "image/jphc"),
        Row(".4.202", "High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)", Encapsulated, "image/jphc"),
        Row(".4.203", "High-Throughput JPEG 2000 Image Compression", LossyFragments, "image/jphc"),
        Row(".5", "RLE Lossless", Encapsulated, "image/dicom-rle"),
        Row(".8.1", "Deflated Image Frame Compression", Encapsulated, OctetStream),
    ];

    private static IEnumerable<TransferSyntax> Videos() =>
    [
        Row(".4.100", "MPEG2 Main Profile / Main Level", LossyFragments, "video/mpeg"),
        Row(".4.100.1", "Fragmentable MPEG2 Main Profile / Main Level", LossyFragments, "video/mpeg"),
        Row(".4.101", "MPEG2 Main Profile / High Level", LossyFragments, "video/mpeg"),
        Row(".4.101.1", "Fragmentable MPEG2 Main Profile / High Level", LossyFragments, "video/mpeg"),
        Row(".4.102", "MPEG-4 AVC/H.264 High Profile / Level 4.1", LossyFragments, "video/mp4"),
        Row(".4.102.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1", LossyFragments, "video/mp4"),
        Row(".4.103", "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", LossyFragments, "video/mp4"),
        Row(".4.103.1", "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", LossyFragments, "video/mp4"),
        Row(".4.104", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", LossyFragments, "video/mp4"),
        Row(".4.104.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", LossyFragments, "video/mp4"),
        Row(".4.105", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", LossyFragments, "video/mp4"),
        Row(".4.105.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", LossyFragments, "video/mp4"),
        Row(".4.106", "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", LossyFragments, "video/mp4"),
        Row(".4.106.1", "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", LossyFragments, "video/mp4"),
        Row(".4.107", "HEVC/H.265 Main Profile / Level 5.1", LossyFragments, "video/mp4"),
        Row(".4.108", "HEVC/H.265 Main 10 Profile / Level 5.1", LossyFragments, "video/mp4"),
    ];

    // SMPTE ST 2110 flows are never stored; they are here so that PS3.6's list is whole.
    private static IEnumerable<TransferSyntax> Others() =>
    [
        Row(".4.94", "JPIP Referenced", Referenced, OctetStream),
        Row(".4.95", "JPIP Referenced Deflate", Referenced | Deflated, OctetStream),
        Row(".4.204", "JPIP HTJ2K Referenced", Referenced, OctetStream),
        Row(".4.205", "JPIP HTJ2K Referenced Deflate", Referenced | Deflated, OctetStream),
        Row(".6.1", "RFC 2557 MIME encapsulation", Retired, OctetStream),
        Row(".6.2", "XML Encoding", Retired, OctetStream),
        Row(".7.1", "SMPTE ST 2110-20 Uncompressed Progressive Active Video", None, OctetStream),
        Row(".7.2", "SMPTE ST 2110-20 Uncompressed Interlaced Active Video", None, OctetStream),
        Row(".7.3", "SMPTE ST 2110-30 PCM Digital Audio", None, OctetStream),
    ];

    private static TransferSyntax Row(string suffix, string name, TransferSyntaxTraits traits, string mediaType) =>
        new(Root + suffix, name, traits | TransferSyntaxTraits.Known, mediaType);
}
