namespace VnaCloud.Archive;

/// <summary>
/// The lanes of a server: a study's packs always take the same one, so that no two transactions of this server wait for each other's
/// study. SQLite, which has one writer, has one lane.
/// </summary>
public sealed class CommitLanes : IAsyncDisposable
{
    /// <summary>Lanes for an index that many writers may commit to at once.</summary>
    public const int Many = 4;

    private readonly CommitLane[] _lanes;

    /// <summary>Starts the lanes.</summary>
    /// <param name="index">Where packs become visible.</param>
    /// <param name="journal">Where what was decided against them is kept.</param>
    /// <param name="count">Transactions at a time, from 1.</param>
    public CommitLanes(IArchiveIndex index, JournalWriter journal, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _lanes = [.. Enumerable.Range(0, count).Select(_ => new CommitLane(index, journal))];
    }

    /// <summary>Commits a durable pack; returns when it is visible, and what was decided against is in the journal.</summary>
    public Task<PackResult> CommitAsync(PackCommit pack)
    {
        ArgumentNullException.ThrowIfNull(pack);
        return _lanes[(uint)pack.StudyUid.GetHashCode(StringComparison.Ordinal) % (uint)_lanes.Length].CommitAsync(pack);
    }

    /// <summary>Commits what is queued, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
        {
            await lane.DisposeAsync();
        }
    }
}
