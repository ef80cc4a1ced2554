using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>Lossless compression of what came uncompressed, on the way to an archive.</summary>
internal enum ForwardCompression
{
    /// <summary>Objects go as they came.</summary>
    None,

    /// <summary>JPEG-LS Lossless (1.2.840.10008.1.2.4.80).</summary>
    JpegLs,

    /// <summary>High-Throughput JPEG 2000 Lossless Only (1.2.840.10008.1.2.4.201).</summary>
    Htj2k,
}

internal static class ForwardCompressions
{
    /// <summary>The transfer syntax; not for None.</summary>
    public static TransferSyntax Target(this ForwardCompression compression) =>
        TransferSyntax.Get(compression == ForwardCompression.JpegLs ? "1.2.840.10008.1.2.4.80" : "1.2.840.10008.1.2.4.201");
}
