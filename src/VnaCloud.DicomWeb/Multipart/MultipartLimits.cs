namespace VnaCloud.DicomWeb;

/// <summary>What one multipart answer may hold.</summary>
internal static class MultipartLimits
{
    /// <summary>Longest boundary, in characters: RFC 2046 5.1.1 allows 70, and Orthanc sends two UUIDs, which are 73.</summary>
    public const int BoundaryLength = 128;

    /// <summary>Bytes of one part's headers.</summary>
    public const int HeaderBytes = 16 * 1024;

    /// <summary>Header fields of one part.</summary>
    public const int Headers = 32;

    /// <summary>Bytes before the first delimiter.</summary>
    public const int PreambleBytes = 64 * 1024;

    /// <summary>Parts of one answer.</summary>
    public const int Parts = 10_000_000;
}
