using VnaCloud.Dicom;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>One life of a server: what it has in memory ends with it.</summary>
internal sealed class SimulatedProcess : IAsyncDisposable
{
    /// <summary>A short grace and erasure, so that a few steps reach them.</summary>
    private static readonly UpkeepOptions Options = new()
    {
        BytesPerSecond = 0, MinDeleted = 1_000, Grace = TimeSpan.FromDays(2), Erasure = TimeSpan.FromDays(5), ScrubCycle = TimeSpan.FromDays(3),
    };

    private readonly CommitLanes _lanes;
    private readonly Ingest _ingest;
    private readonly TimeProvider _clock;

    public SimulatedProcess(IObjectStore store, FaultyIndex index, TimeProvider clock)
    {
        (Store, Index, _clock) = (store, index, clock);
        Journal = new JournalWriter(store, index, Rebuild.TenantKey, clock);
        _lanes = new CommitLanes(index, Journal, TimeProvider.System);
        // One pack at a time, so that the same seed makes the same calls in the same order.
        _ingest = new Ingest(store, _lanes, Rebuild.TenantKey, new IngestOptions { OpenPacks = 1 }, clock);
        Upkeep = new UpkeepArchive(store, index, index, Journal, Rebuild.TenantKey, clock, Options);
    }

    public IObjectStore Store { get; }

    public FaultyIndex Index { get; }

    public JournalWriter Journal { get; }

    public UpkeepArchive Upkeep { get; }

    /// <summary>One request.</summary>
    public async Task<IReadOnlyList<StoreResult>> StoreAsync(IEnumerable<byte[]> files)
    {
        await using var session = _ingest.Open(new IngestSource(Ulid.New(_clock), "simulation", "", "", _clock.GetUtcNow()));
        foreach (var file in files)
        {
            await session.AddAsync(new MemorySource(file), default);
        }
        return await session.CompleteAsync(default);
    }

    /// <summary>Deletes or restores; done when the journal has it.</summary>
    public async Task<int> DecideAsync(DecisionKind kind, string study, string? series, string? sop)
    {
        var count = await Index.DecideAsync(new DecisionRequest(TenantId.Default, kind, study, series, sop), default);
        await Journal.FlushAsync(TenantId.Default, default);
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await _lanes.DisposeAsync();
        Journal.Dispose();
    }
}

/// <summary>The clock of a server, which does not agree with the database's.</summary>
internal sealed class SkewedTime(TimeProvider inner) : TimeProvider
{
    public TimeSpan Skew { get; set; }

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Skew;
}
