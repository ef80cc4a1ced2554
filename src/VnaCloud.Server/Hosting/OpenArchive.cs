using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Server.Maintenance;
using VnaCloud.Storage;

namespace VnaCloud.Server.Hosting;

/// <summary>The archive with everything that belongs to it, opened; disposing commits what is queued and closes it.</summary>
internal sealed class OpenArchive : IAsyncDisposable
{
    private readonly CommitLanes _lanes;
    private readonly IAsyncDisposable _indexOwner;

    private OpenArchive(ObjectStorage storage, IArchiveIndex index, IndexState state, VnaOptions options, ChangeSignal changes, TimeProvider time)
    {
        (Storage, State, _indexOwner) = (storage, state, (IAsyncDisposable)index);
        // SQLite is in this process: where it does not answer nothing does.
        Index = new SignallingIndex(options.Index.Provider == IndexProvider.Sqlite ? index : new OutageIndex(index, time), changes);
        Access = ((IRebuildableIndex)index).Access;
        Statistics = (IStatisticsIndex)index;
        Journal = new JournalWriter(storage.Store, index, state.TenantKey, time);
        Upkeep = new UpkeepArchive((IObjectStore?)storage.Mirror ?? storage.Primary, index, (IUpkeepIndex)index, Journal, state.TenantKey, time, options.Maintenance.ToUpkeep())
        {
            Repair = storage.Mirror is null ? null : (key, token) => MirrorKeeper.RepairAsync(storage, key, token),
        };
        _lanes = new CommitLanes(Index, Journal, time, options.Index.Provider == IndexProvider.Sqlite ? 1 : CommitLanes.Many);
        Ingest = new Ingest(storage.Store, _lanes, state.TenantKey, new IngestOptions
        {
            InlineLimit = options.Metadata.InlineLimit,
            MaxInstanceBytes = options.Limits.MaxInstanceBytes,
            Preamble = options.Preamble,
        }, time);
    }

    public ObjectStorage Storage { get; }

    public IArchiveIndex Index { get; }

    /// <summary>Access records, share links and keys.</summary>
    public AccessStore Access { get; }

    /// <summary>The same, for how much there is.</summary>
    public IStatisticsIndex Statistics { get; }

    public IndexState State { get; }

    /// <summary>The parts that upkeep works with, past the read cache.</summary>
    public UpkeepArchive Upkeep { get; }

    public JournalWriter Journal { get; }

    public Ingest Ingest { get; }

    /// <summary>Why nothing may be served although everything is open; null when all is well.</summary>
    public string? NotReady { get; private set; }

    /// <summary>The index lacks only what maintenance takes in by itself: it stays open for that.</summary>
    public bool IsCatchingUp => NotReady == ArchivePosition.TakenOver;

    /// <summary>Whether the index has what the store has, or else may be lacking some; see <see cref="ArchivePosition"/>.</summary>
    public async Task LookAgainAsync(CancellationToken cancellation) => NotReady = await new ArchivePosition(Upkeep).WhyOffAsync(cancellation);

    /// <summary>Brings an index that took over from another up to the store; nothing to do else.</summary>
    public async Task<UpkeepReport> CatchUpAsync(CancellationToken cancellation) => await IsBehindAsync(cancellation)
        ? await new Adopter(Upkeep, ((IRebuildableIndex)_indexOwner).AdoptDeletedAsync).RunAsync(static _ => { }, cancellation)
        : new UpkeepReport();

    /// <summary>Whether there is something for <see cref="CatchUpAsync"/>.</summary>
    public async Task<bool> IsBehindAsync(CancellationToken cancellation) => await Upkeep.Upkeep.UpkeepAsync(0, cancellation) is { IsClean: false };

    /// <summary>Opens store and index and holds them against each other.</summary>
    /// <exception cref="IndexOpenException">The index cannot be used, whatever is waited for.</exception>
    /// <exception cref="InvalidDataException">The store's archive.json cannot be read by this version.</exception>
    /// <exception cref="IOException">One of them cannot be reached now.</exception>
    public static async Task<OpenArchive> OpenAsync(VnaOptions options, TimeProvider time, ChangeSignal changes, Action<string> damaged, CancellationToken cancellation)
    {
        var storage = ObjectStorage.Open(StorageSetup.ToObjectStorage(options.Storage, damaged), time);
        IArchiveIndex? index = null;
        try
        {
            var trouble = await storage.ProbeAsync(cancellation);
            index = await OpenIndexAsync(options, time, cancellation);
            var state = await index.StateAsync(cancellation);
            var archive = new OpenArchive(storage, index, state, options, changes, time);
            archive.NotReady = trouble ?? await ArchiveIdentity.JoinAsync(storage.Store, state, cancellation) ?? await archive.PositionAsync(cancellation);
            if (archive.NotReady is null)
            {
                // Decisions of a server that died between its commit and its journal object.
                await archive.Journal.FlushAsync(TenantId.Default, cancellation);
            }
            return archive;
        }
        catch
        {
            if (index is IAsyncDisposable opened)
            {
                await opened.DisposeAsync();
            }
            storage.Dispose();
            throw;
        }
    }

    /// <summary>Removes what uploads of dead processes left in the stores; gives their number.</summary>
    public async Task<int> RemoveAbandonedAsync(CancellationToken cancellation)
    {
        var removed = 0;
        foreach (var bucket in Storage.Buckets)
        {
            removed += await bucket.AbortAbandonedAsync(cancellation);
        }
        foreach (var folder in new[] { Storage.Primary, Storage.Second }.OfType<FolderObjectStore>())
        {
            removed += await folder.RemoveAbandonedAsync(cancellation);
        }
        return removed;
    }

    public async ValueTask DisposeAsync()
    {
        await _lanes.DisposeAsync();
        Journal.Dispose();
        await _indexOwner.DisposeAsync();
        Storage.Dispose();
    }

    // An index that is older than its store would answer wrongly, and collect what it does not know.
    private async Task<string?> PositionAsync(CancellationToken cancellation)
    {
        var position = new ArchivePosition(Upkeep);
        await position.BeginAsync(cancellation);
        return await position.WhyOffAsync(cancellation);
    }

    private static async Task<IArchiveIndex> OpenIndexAsync(VnaOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var isMirrored = options.Storage.Mirror.Provider != MirrorProvider.None;
        var limit = TimeSpan.FromSeconds(options.Limits.StatementTimeoutSeconds);
        return options.Index.Provider == IndexProvider.Postgres
            ? await PostgresArchiveIndex.OpenAsync(new PostgresIndexOptions
            {
                ConnectionString = options.Index.ConnectionString!,
                ReplicaConnectionString = options.Index.ReplicaConnectionString,
                AutoMigrate = options.Index.AutoMigrate,
                Mirror = isMirrored,
                Time = time,
                StatementTimeout = limit,
            }, cancellation)
            : await SqliteArchiveIndex.OpenAsync(new SqliteIndexOptions
            {
                Path = options.Index.SqlitePath(options.Storage.Path),
                Time = time,
                Mirror = isMirrored,
                StatementTimeout = limit,
            }, cancellation);
    }
}
