namespace VnaCloud.Storage;

/// <summary>The read cache on local disk (<c>Vna:Storage:Cache</c>).</summary>
public sealed record ReadCacheOptions
{
    /// <summary>Folder of the cache's file, which has no name and is empty at every start. Default: the system's folder for temporary files.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>Bytes on disk at most. Null (default): 10 GiB or a tenth of what is free at the start, whichever is less.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Blocks are forgotten after this, read or not, so that what was erased leaves every cache. Default 24 h.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Blocks fetched ahead of a reader who goes on in order, 0 to 8. Default 2.</summary>
    public int ReadAhead { get; init; } = 2;

    internal long Limit()
    {
        const long most = 10L * 1024 * 1024 * 1024;
        return MaxBytes ?? Math.Min(most, new DriveInfo(Path.GetFullPath(Folder)).AvailableFreeSpace / 10);
    }
}
