using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Import;

/// <summary>No server runs: the same ingest in this process.</summary>
internal sealed class DirectSink : IImportSink
{
    private readonly FolderObjectStore _store;
    private readonly SqliteArchiveIndex _index;
    private readonly JournalWriter _journal;
    private readonly CommitLanes _lanes;
    private readonly Ingest _ingest;
    private readonly string _tenantKey;

    private DirectSink(DataFolder folder, FolderObjectStore store, SqliteArchiveIndex index, string tenantKey)
    {
        (_store, _index, _tenantKey) = (store, index, tenantKey);
        _journal = new JournalWriter(store, index, tenantKey, TimeProvider.System);
        _lanes = new CommitLanes(index, _journal, TimeProvider.System);
        _ingest = new Ingest(store, _lanes, tenantKey, new IngestOptions(), TimeProvider.System);
        Way = $"into {folder.Root}";
    }

    public string Way { get; }

    public static async Task<DirectSink> OpenAsync(DataFolder folder, CancellationToken cancellation)
    {
        var index = await folder.OpenIndexAsync(readOnly: false, cancellation);
        var store = folder.OpenStore();
        DirectSink sink;
        try
        {
            await DataFolder.RequirePairAsync(store, index, cancellation);
            sink = new DirectSink(folder, store, index, (await index.StateAsync(cancellation)).TenantKey);
        }
        catch
        {
            store.Dispose();
            await index.DisposeAsync();
            throw;
        }
        try
        {
            return await sink.WhyOffAsync(cancellation) is { } reason ? throw new CommandException(reason) : sink;
        }
        catch
        {
            await sink.DisposeAsync();
            throw;
        }
    }

    // As a server does at its start: an archive that begins here has nothing that its index could lack, and one whose index is behind is left alone.
    private async Task<string?> WhyOffAsync(CancellationToken cancellation)
    {
        var position = new ArchivePosition(new UpkeepArchive(_store, _index, _index, _journal, _tenantKey, TimeProvider.System, new UpkeepOptions()));
        await position.BeginAsync(cancellation);
        return await position.WhyOffAsync(cancellation);
    }

    public async Task<InstanceEntry?> FindAsync(InstanceKey key, CancellationToken cancellation) =>
        (await _index.LocateAsync(TenantId.Default, key.StudyUid, key.SeriesUid, key.SopUid, cancellation))?.Instances[0];

    public async Task<IReadOnlyList<ImportAnswer>> StoreAsync(IReadOnlyList<ImportFile> files, CancellationToken cancellation)
    {
        var source = new IngestSource(Ulid.New(TimeProvider.System), Environment.UserName, "vna import", "", TimeProvider.System.GetUtcNow());
        await using var session = _ingest.Open(source);
        foreach (var file in files)
        {
            try
            {
                await using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
                using var bytes = new StreamSource(stream);
                await session.AddAsync(bytes, cancellation);
            }
            catch (UnauthorizedAccessException denied)
            {
                session.Refuse(FailureReason.CannotUnderstand, denied.Message);
            }
        }
        var results = await session.CompleteAsync(cancellation);
        return [.. results.Select(result => result.Failure == FailureReason.None
            ? new ImportAnswer(null, result.Warning == WarningReason.None ? "" : result.Comment)
            : new ImportAnswer($"{(int)result.Failure:X4}H {result.Comment}"))];
    }

    public async ValueTask DisposeAsync()
    {
        await _lanes.DisposeAsync();
        _journal.Dispose();
        await _index.DisposeAsync();
        _store.Dispose();
    }
}
