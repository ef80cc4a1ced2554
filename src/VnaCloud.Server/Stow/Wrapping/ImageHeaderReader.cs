using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Headers by media type.</summary>
internal static class ImageHeaderReader
{
    /// <summary>The header, or why there is none: that matters only to metadata which leaves out what it would say.</summary>
    public static (ImageHeader? Header, string Fault) TryRead(string mediaType, SpoolReader bytes)
    {
        try
        {
            ImageHeader? header = mediaType switch
            {
                "image/jpeg" or "image/jls" => JpegImage.Read(bytes),
                "image/jp2" or "image/jpx" or "image/jphc" => Jpeg2000Header.Read(bytes),
                "video/mp4" => Mp4Header.Read(bytes),
                "video/mpeg" => Mpeg2Header.Read(bytes),
                _ => null,
            };
            if (header is { Rows: 0 } or { Columns: 0 })
            {
                throw BulkFaultException.Unreadable("The header says that there are no rows or columns.");
            }
            return (header, header is null ? $"{mediaType} has no header that says so." : "");
        }
        catch (BulkFaultException fault)
        {
            return (null, fault.Message);
        }
    }
}
