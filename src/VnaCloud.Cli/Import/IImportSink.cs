using VnaCloud.Archive;

namespace VnaCloud.Cli.Import;

/// <summary>A file that is going in.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Length">Bytes.</param>
/// <param name="SopUid">SOP Instance UID, or empty where it could not be read.</param>
internal sealed record ImportFile(string Path, long Length, string SopUid);

/// <summary>What the archive said: null for no failure, empty for no warning.</summary>
internal sealed record ImportAnswer(string? Failure, string Warning = "");

/// <summary>Where files go: into the archive itself, or to the server that runs on it.</summary>
internal interface IImportSink : IAsyncDisposable
{
    /// <summary>For the first line: "into the data folder", "through a server".</summary>
    string Way { get; }

    /// <summary>What is stored under these UIDs, or null.</summary>
    Task<InstanceEntry?> FindAsync(InstanceKey key, CancellationToken cancellation);

    /// <summary>Stores a group; one answer for each file, in order.</summary>
    Task<IReadOnlyList<ImportAnswer>> StoreAsync(IReadOnlyList<ImportFile> files, CancellationToken cancellation);
}
