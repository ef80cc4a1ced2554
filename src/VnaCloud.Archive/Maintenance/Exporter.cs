namespace VnaCloud.Archive;

/// <summary>What became of one instance in an export.</summary>
public enum ExportOutcome
{
    /// <summary>Written.</summary>
    Written,

    /// <summary>An equal file was there.</summary>
    Present,

    /// <summary>A different file was there and stays.</summary>
    Different,

    /// <summary>The stored bytes do not have their digest: nothing was written.</summary>
    Damaged,
}

/// <summary>Writes instances as PS3.10 files: {study}/{series}/{sop}.dcm, each whole or not at all.</summary>
public sealed class Exporter(IObjectStore store, string folder)
{
    private const int Step = 256 * 1024;

    /// <summary>Unfinished files end so.</summary>
    public const string Partial = ".part";

    /// <summary>Where an instance goes; its UIDs were checked when it came in.</summary>
    public string PathOf(InstanceKey key) => Path.Combine(folder, key.StudyUid, key.SeriesUid, key.SopUid + ".dcm");

    /// <summary>Writes one instance.</summary>
    public async Task<ExportOutcome> WriteAsync(InstanceEntry instance, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var path = PathOf(instance.Key);
        var known = new FileInfo(path);
        if (known.Exists)
        {
            return known.Length == instance.Data.Length && await MatchesAsync(path, instance, cancellation) ? ExportOutcome.Present : ExportOutcome.Different;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            await CopyAsync(instance, path + Partial, cancellation);
            if (!await MatchesAsync(path + Partial, instance, cancellation))
            {
                return ExportOutcome.Damaged;
            }
            File.Move(path + Partial, path, overwrite: false);
            return ExportOutcome.Written;
        }
        catch (Exception failure) when (failure is TruncatedObjectException or ObjectMissingException)
        {
            return ExportOutcome.Damaged;
        }
        finally
        {
            File.Delete(path + Partial);
        }
    }

    private async Task CopyAsync(InstanceEntry instance, string path, CancellationToken cancellation)
    {
        await using var stored = new ObjectRangeStream(store, instance.Data.PackKey, instance.Data.Offset, instance.Data.Length);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        await stored.CopyToAsync(file, Step, cancellation);
        // On the disk before it has its name: a file that is there is whole, also after the power failed.
        file.Flush(flushToDisk: true);
    }

    // Where the data set begins is only known when the file is read: what was written is read again.
    private static async Task<bool> MatchesAsync(string path, InstanceEntry instance, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        return await FileDigest.MatchesAsync(file, instance.FileDigest, cancellation);
    }
}
