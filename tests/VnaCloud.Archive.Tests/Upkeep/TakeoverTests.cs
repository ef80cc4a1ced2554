using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Dicom;
using VnaCloud.Index;
using VnaCloud.Storage;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

/// <summary>PostgreSQL fails over to a standby that lacks commits, and a collector runs that thinks no pack too young (checklist reliability F12, K11).</summary>
public sealed class TakeoverTests
{
    private const string Study = "1.2.3", Series = "1.2.3.1";
    private const int Known = 10, Missed = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Collector_AfterAFailoverThatLostCommits_DeletesNothingBeforeAllIsTakenIn()
    {
        await using var postgres = await PostgresServer.StartAsync(1, durable: false);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        using var folder = new TestFolder();
        await using var archive = await OnPostgres.OpenAsync(folder.Path, postgres.OnEither(postgres.ConnectionString));
        await archive.StoreAsync(0, Known);
        await CutOffAsync(postgres);
        await archive.StoreAsync(Known, Missed);
        await archive.DeleteAsync(0);
        await postgres.RunAsync("fail");
        await postgres.RunAsync("promote");
        await archive.StoreAsync(Known + Missed, 1);
        await archive.DeleteAsync(Known + Missed);
        var packs = await archive.PacksAsync();

        var early = await archive.CollectAsync();

        Assert.Equal((ArchivePosition.TakenOver, 0L), (early.Off, early.Deleted));
        Assert.Equal(packs, await archive.PacksAsync());
        Assert.Equal(Known, (await archive.Index.StateAsync(default)).Instances);

        var adopted = await archive.AdoptAsync();
        var late = await archive.CollectAsync();

        Assert.Equal((Missed, 1L, 0L), ((int)adopted.Adopted, adopted.Replayed, adopted.FindingCount));
        Assert.Equal((null, 0L), (late.Off, late.Deleted));
        Assert.Equal(packs, await archive.PacksAsync());
        var live = (await archive.Index.LocateAsync(TenantId.Default, Study, null, null, default))!.Instances.Select(static entry => entry.Key.SopUid);
        Assert.Equal(Enumerable.Range(1, Known + Missed - 1).Select(Sop).Order(StringComparer.Ordinal), live.Order(StringComparer.Ordinal));
    }

    private static async Task CutOffAsync(PostgresServer postgres)
    {
        var standby = postgres.OnReplica(postgres.ConnectionString);
        var written = await PostgresServer.AskAsync(postgres.ConnectionString, "SELECT pg_current_wal_lsn()::text");
        await PostgresServer.WaitAsync(standby, $"SELECT pg_last_wal_replay_lsn() >= '{written}'", Patience);
        await PostgresServer.AskAsync(standby, "ALTER SYSTEM SET primary_conninfo = ''");
        await PostgresServer.AskAsync(standby, "SELECT pg_reload_conf()");
        await PostgresServer.WaitAsync(standby, "SELECT count(*) = 0 FROM pg_stat_wal_receiver", Patience);
    }

    private static string Sop(int number) => $"{Series}.{number}";

    /// <summary>An archive in a folder, its index in PostgreSQL, as a server has it.</summary>
    private sealed class OnPostgres : IAsyncDisposable
    {
        private readonly FolderObjectStore _store;
        private readonly JournalWriter _journal;
        private readonly CommitLanes _lanes;
        private readonly Ingest _ingest;
        private readonly UpkeepArchive _parts;

        private OnPostgres(FolderObjectStore store, PostgresArchiveIndex index, string tenantKey)
        {
            (_store, Index) = (store, index);
            _journal = new JournalWriter(store, index, tenantKey, TimeProvider.System);
            _lanes = new CommitLanes(index, _journal, TimeProvider.System);
            _ingest = new Ingest(store, _lanes, tenantKey, new IngestOptions(), TimeProvider.System);
            _parts = new UpkeepArchive(store, index, index, _journal, tenantKey, TimeProvider.System, new UpkeepOptions { BytesPerSecond = 0, OrphanAge = TimeSpan.Zero, MinDeleted = 1_000 });
        }

        public PostgresArchiveIndex Index { get; }

        public static async Task<OnPostgres> OpenAsync(string folder, string connectionString)
        {
            var store = new FolderObjectStore(Path.Combine(folder, "objects"), TimeProvider.System);
            var index = await PostgresArchiveIndex.OpenAsync(new PostgresIndexOptions { ConnectionString = connectionString }, default);
            var state = await index.StateAsync(default);
            Assert.Null(await ArchiveIdentity.JoinAsync(store, state, default));
            var archive = new OnPostgres(store, index, state.TenantKey);
            await new ArchivePosition(archive._parts).BeginAsync(default);
            return archive;
        }

        // Each in a request of its own: as many packs, and as many chances to delete one.
        public async Task StoreAsync(int first, int count)
        {
            for (var number = first; number < first + count; number++)
            {
                await using var session = _ingest.Open(new IngestSource(Ulid.New(TimeProvider.System), "test", "", "", TimeProvider.System.GetUtcNow()));
                await session.AddAsync(new MemorySource(Instances.File(new InstanceSpec(Study, Series, Sop(number)))), default);
                Assert.Equal([FailureReason.None], (await session.CompleteAsync(default)).Select(static result => result.Failure));
            }
        }

        public async Task DeleteAsync(int number)
        {
            Assert.Equal(1, await Index.DecideAsync(new DecisionRequest(TenantId.Default, DecisionKind.Delete, Study, Series, Sop(number)), default));
            await _journal.FlushAsync(TenantId.Default, default);
        }

        public Task<UpkeepReport> CollectAsync() => new Collector(_parts).RunAsync(static _ => { }, default);

        public Task<UpkeepReport> AdoptAsync() => new Adopter(_parts, Index.AdoptDeletedAsync).RunAsync(static _ => { }, default);

        public async Task<List<string>> PacksAsync()
        {
            var keys = new List<string>();
            await foreach (var key in _store.ListAsync("t/", default))
            {
                if (key.EndsWith(".tar", StringComparison.Ordinal))
                {
                    keys.Add(key);
                }
            }
            return keys;
        }

        public async ValueTask DisposeAsync()
        {
            await _lanes.DisposeAsync();
            _journal.Dispose();
            await Index.DisposeAsync();
            _store.Dispose();
        }
    }
}
