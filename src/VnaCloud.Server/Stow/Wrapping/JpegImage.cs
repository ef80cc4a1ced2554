using VnaCloud.Imaging;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>What the header of a JPEG or JPEG-LS stream is in DICOM.</summary>
internal static class JpegImage
{
    /// <summary>How much is read of a part to find its first scan: most have it in the first piece, those with large profiles further on.</summary>
    private const int FirstHead = 64 << 10, LongestHead = 4 << 20;

    private const string Root = "1.2.840.10008.1.2.4";

    public static ImageHeader Read(SpoolReader bytes)
    {
        for (var length = FirstHead; ; length *= 8)
        {
            try
            {
                return Describe(JpegHeader.Read(bytes.Head(length)));
            }
            catch (ImageException fault) when (length >= LongestHead || length >= bytes.Length)
            {
                throw BulkFaultException.Unreadable($"The part is not JPEG that can be described: {fault.Message}");
            }
            catch (ImageException)
            {
                // More of it may show more.
            }
        }
    }

    private static ImageHeader Describe(JpegHeader header)
    {
        if (header.Components.Count is not (1 or 3))
        {
            throw BulkFaultException.Unreadable("The JPEG is neither grey nor of three components.");
        }
        var selection = header.Selection ?? throw new ImageException("The header of the first scan is cut off.");
        return new ImageHeader
        {
            Rows = header.Height,
            Columns = header.Width,
            Samples = header.Components.Count,
            Bits = header.Precision,
            Photometric = Photometric(header),
            TransferSyntax = Syntax(header.Process, selection) ?? throw BulkFaultException.Unreadable("The JPEG is progressive, hierarchical or arithmetic, for which there is only a retired transfer syntax: send a baseline one, or name the syntax."),
            LossyMethod = header.Process == JpegProcess.Lossless ? null : header.Process != JpegProcess.JpegLs ? "ISO_10918_1" : selection > 0 ? "ISO_14495_1" : null,
        };
    }

    private static string? Syntax(JpegProcess process, int selection) => process switch
    {
        JpegProcess.Baseline => $"{Root}.50",
        JpegProcess.ExtendedSequential => $"{Root}.51",
        JpegProcess.Lossless => selection == 1 ? $"{Root}.70" : $"{Root}.57",
        JpegProcess.JpegLs => selection == 0 ? $"{Root}.80" : $"{Root}.81",
        _ => null,
    };

    // PS3.5 section 8.2.1: what JPEG's files say of colour by their markers, and DICOM's by Photometric Interpretation.
    private static string Photometric(JpegHeader header)
    {
        if (header.Components.Count == 1)
        {
            return "MONOCHROME2";
        }
        var isRgb = header.AdobeTransform == 0 || (header.AdobeTransform is null && !header.HasJfif
            && (header.Process is JpegProcess.Lossless or JpegProcess.JpegLs || header.Components.Select(static component => (char)component.Id).SequenceEqual("RGB")));
        return isRgb ? "RGB" : header.IsSubsampled ? "YBR_FULL_422" : "YBR_FULL";
    }
}
