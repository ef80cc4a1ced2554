namespace VnaCloud.Server.Qido;

/// <summary>How much a search may ask for. What a site may want otherwise is in <see cref="Hosting.LimitOptions"/>.</summary>
internal static class QidoLimits
{
    /// <summary>Query parameters, repeated ones counted each.</summary>
    public const int Parameters = 100;

    /// <summary>Characters of a value.</summary>
    public const int ValueLength = 1024;

    /// <summary>Characters of a list of UIDs.</summary>
    public const int UidListLength = 16 * 1024;

    /// <summary>Values in a list.</summary>
    public const int ListValues = 250;

    /// <summary>Wildcards in a value: each makes the index try more.</summary>
    public const int Wildcards = 8;

    /// <summary>Attributes that includefield names.</summary>
    public const int IncludeFields = 250;

    /// <summary>Attributes in a path, sequences and the last one.</summary>
    public const int PathDepth = 8;

    /// <summary>Results passed over by offset; cursors reach deeper.</summary>
    public const int Offset = 1_000_000;

    /// <summary>Results fetched from the index at a time.</summary>
    public const int PageRows = 500;

    /// <summary>Depth of nested JSON in stored metadata: three levels for each sequence, which reading limits to 64.</summary>
    public const int MetadataDepth = 256;
}
