using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Archive.Tests.Maintenance;

/// <summary>A data folder, opened and filled as the server does it.</summary>
public sealed class TestArchive : IAsyncDisposable
{
    private readonly CommitLanes _lanes;
    private readonly Ingest _ingest;
    private readonly string _tenantKey;

    private TestArchive(FolderObjectStore store, SqliteArchiveIndex index, string tenantKey, TimeProvider time)
    {
        (Store, Index, Time, _tenantKey) = (store, index, time, tenantKey);
        Journal = new JournalWriter(store, index, tenantKey, time);
        _lanes = new CommitLanes(index, Journal, time);
        _ingest = new Ingest(store, _lanes, tenantKey, new IngestOptions(), time);
    }

    public FolderObjectStore Store { get; }

    public SqliteArchiveIndex Index { get; }

    public JournalWriter Journal { get; }

    public TimeProvider Time { get; }

    public static async Task<TestArchive> OpenAsync(string folder, TimeProvider? time = null, string? tenantKey = null)
    {
        time ??= new RisingTime(TimeProvider.System.GetUtcNow());
        var store = new FolderObjectStore(Path.Combine(folder, "objects"), time);
        var index = await SqliteArchiveIndex.OpenAsync(
            new SqliteIndexOptions { Path = Path.Combine(folder, "index.db"), Time = time, TenantKey = tenantKey, ArchiveId = tenantKey }, default);
        var state = await index.StateAsync(default);
        Assert.Null(await ArchiveIdentity.JoinAsync(store, state, default));
        var archive = new TestArchive(store, index, state.TenantKey, time);
        await new ArchivePosition(archive.Parts()).BeginAsync(default);
        return archive;
    }

    /// <summary>What upkeep works with.</summary>
    public UpkeepArchive Parts(UpkeepOptions? options = null) => new(Store, Index, Index, Journal, _tenantKey, Time, options ?? new UpkeepOptions { BytesPerSecond = 0 });

    public IngestSession Session() => _ingest.Open(new IngestSource(Ulid.New(Time), "test", "", "", Time.GetUtcNow()));

    /// <summary>One request; gives the failures of its parts.</summary>
    public async Task<IReadOnlyList<FailureReason>> StoreAsync(params byte[][] files)
    {
        await using var session = Session();
        foreach (var file in files)
        {
            await session.AddAsync(new MemorySource(file), default);
        }
        return [.. (await session.CompleteAsync(default)).Select(result => result.Failure)];
    }

    public Task<int> DeleteAsync(string study, string? series = null, string? sop = null) => DecideAsync(DecisionKind.Delete, study, series, sop);

    public Task<int> RestoreAsync(string study, string? series = null, string? sop = null) => DecideAsync(DecisionKind.Restore, study, series, sop);

    /// <summary>All that searches and locators say, in a canonical form that does not depend on when the index was made.</summary>
    public Task<string> DumpAsync() => IndexDump.OfAsync(Index);

    /// <summary>Keys of the packs, in order.</summary>
    public async Task<List<string>> PacksAsync()
    {
        var keys = new List<string>();
        await foreach (var key in Store.ListAsync("t/", default))
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
        Journal.Dispose();
        await Index.DisposeAsync();
        Store.Dispose();
    }

    private async Task<int> DecideAsync(DecisionKind kind, string study, string? series, string? sop)
    {
        var count = await Index.DecideAsync(new DecisionRequest(TenantId.Default, kind, study, series, sop), default);
        await Journal.FlushAsync(TenantId.Default, default);
        return count;
    }
}

/// <summary>A clock that goes on by a millisecond whenever it is looked at: ULIDs rise.</summary>
public sealed class RisingTime(DateTimeOffset start) : TimeProvider
{
    private long _looks;

    public override DateTimeOffset GetUtcNow() => start.AddMilliseconds(Interlocked.Increment(ref _looks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _looks, (long)by.TotalMilliseconds);
}

/// <summary>A folder of the test's own.</summary>
public sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vna-").FullName;

    public string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
