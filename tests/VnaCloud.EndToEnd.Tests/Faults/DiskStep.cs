namespace VnaCloud.EndToEnd.Tests.Faults;

internal enum DiskAction
{
    /// <summary>A directory entry for a file, new or so far without a name.</summary>
    Name,
    MakeDirectory,
    Unlink,
    Rename,
    Write,
    Truncate,
    SyncFile,
    SyncDirectory,

    /// <summary>Not the disk's: an HTTP answer left.</summary>
    Answer,
}

/// <summary>One thing that a server did to its data folder.</summary>
/// <param name="Action">What.</param>
/// <param name="Begin">Place of its beginning in the trace.</param>
/// <param name="End">Place of its end.</param>
internal sealed record DiskStep(DiskAction Action, int Begin, int End)
{
    /// <summary>The file, under whatever names.</summary>
    public int File { get; init; } = -1;

    /// <summary>Of the entry, of the directory, or as far as it is known of the file.</summary>
    public string Path { get; init; } = "";

    /// <summary>The name that a rename takes away.</summary>
    public string From { get; init; } = "";

    public long Offset { get; init; }

    /// <summary>What was written, or sent.</summary>
    public byte[] Data { get; init; } = [];

    public string Directory => System.IO.Path.GetDirectoryName(Path)!;
}
