using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Stow.Wrapping;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>
/// The transfer syntax of a part of pixel data: its own parameter first, then what the metadata says if it fits the media type, then
/// what the bytes say, then the media type's most common one.
/// </summary>
internal static class PixelSyntax
{
    private const string Root = "1.2.840.10008.1.2";

    public static TransferSyntax Of(BulkPart part, string hint, ImageHeader? header, string headerFault)
    {
        if (part.TransferSyntax is { } uid)
        {
            return Named(part, TransferSyntax.Get(uid));
        }
        if (part.MediaType == MediaTypeNames.OctetStream)
        {
            return TransferSyntax.ExplicitVrLittleEndian;
        }
        if (TransferSyntax.Get(hint) is { IsEncapsulated: true } hinted && hinted.MediaType == part.MediaType)
        {
            return hinted;
        }
        return TransferSyntax.Get(header?.TransferSyntax ?? part.MediaType switch
        {
            // These have no header that is read here. Whether a JPEG XL is lossless is not told: this syntax may be either.
            "image/dicom-rle" => $"{Root}.5",
            "image/jxl" => $"{Root}.4.112",
            "image/jpeg" or "image/jls" or "image/jp2" or "image/jpx" or "image/jphc" or "video/mpeg" or "video/mp4" =>
                throw BulkFaultException.Unreadable($"{headerFault} Without a transfer-syntax parameter its encoding is not known."),
            _ => throw new BulkFaultException(FailureReason.TransferSyntaxNotSupported, $"{part.MediaType} cannot be pixel data."),
        });
    }

    private static TransferSyntax Named(BulkPart part, TransferSyntax syntax)
    {
        if (!syntax.IsKnown || syntax.IsDeflated || syntax.IsReferenced || syntax.IsBigEndian)
        {
            throw new BulkFaultException(FailureReason.TransferSyntaxNotSupported, "The transfer-syntax of the pixel data is none that bulk data can be in.");
        }
        // Frames in any syntax may be called octets (checklist dicomweb 14).
        return part.MediaType == MediaTypeNames.OctetStream || part.MediaType == syntax.MediaType
            ? syntax
            : throw new BulkFaultException(FailureReason.TransferSyntaxNotSupported, $"{part.MediaType} is not the media type of transfer syntax {syntax.Uid}.");
    }
}
