namespace VnaCloud.Server.Stow.Metadata;

/// <summary>What a request with metadata and bulk data apart may ask for, beside the limits of any multipart body.</summary>
internal static class MetadataLimits
{
    /// <summary>Bytes of all metadata of one request, which are held until its bulk data is there. 16 MiB.</summary>
    public const int MetadataBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of bulk data that wait on the disk for one request, decoded pixels included. 64 GiB.</summary>
    public const long SpoolBytes = 64L * 1024 * 1024 * 1024;

    /// <summary>Bytes of a bulk text value, which may have to be written in another character set. 16 MiB.</summary>
    public const int TextBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of pixels that a PNG may become; a compressed one can claim a thousand times its size. 512 MiB.</summary>
    public const long DecodedBytes = 512L * 1024 * 1024;
}
