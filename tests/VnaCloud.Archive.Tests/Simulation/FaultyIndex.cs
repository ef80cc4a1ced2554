namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>An index whose answers get lost, and which dies with its process.</summary>
internal sealed class FaultyIndex(Func<Index.IRebuildableIndex> inner, Faults faults) : IArchiveIndex, IUpkeepIndex
{
    public Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation) =>
        WriteAsync("commit", mayInterleave: true, async () =>
        {
            var results = await inner().CommitAsync(packs, cancellation);
            foreach (var (pack, result) in packs.Zip(results))
            {
                faults.Log($"commit {pack.PackKey}{(pack.Adopting ? ", adopting" : "")}: {string.Join(' ', result.Outcomes)} {result.Refused}");
            }
            return results;
        });

    public Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation) =>
        WriteAsync($"{request.Kind}", mayInterleave: true, () => inner().DecideAsync(request, cancellation));

    public Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation) =>
        ReadAsync("locate", mayInterleave: true, () => inner().LocateAsync(tenant, studyUid, seriesUid, sopUid, cancellation));

    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation) =>
        ReadAsync("search", mayInterleave: true, () => inner().SearchAsync(request, cancellation));

    // The journal's writer holds its lock.
    public Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation) => written.Count > 0
        ? WriteAsync("outbox", mayInterleave: false, () => inner().OutboxAsync(tenant, written, limit, cancellation))
        : ReadAsync("outbox", mayInterleave: false, () => inner().OutboxAsync(tenant, written, limit, cancellation));

    public Task<IndexState> StateAsync(CancellationToken cancellation) => ReadAsync("state", mayInterleave: true, () => inner().StateAsync(cancellation));

    public Task<Lease?> LeaseAsync(string job, string holder, TimeSpan duration, CancellationToken cancellation) =>
        WriteAsync("lease", mayInterleave: true, () => inner().LeaseAsync(job, holder, duration, cancellation));

    public Task<IReadOnlyList<IndexedPack>> PacksAsync(PackSelection selection, CancellationToken cancellation) =>
        ReadAsync($"packs {selection.GetType().Name}", mayInterleave: true, () => inner().PacksAsync(selection, cancellation));

    public Task<IReadOnlyList<IndexedArrival>> ArrivalsAsync(TenantId tenant, string studyUid, IReadOnlyList<InstanceKey> instances, CancellationToken cancellation) =>
        ReadAsync("arrivals", mayInterleave: true, () => inner().ArrivalsAsync(tenant, studyUid, instances, cancellation));

    public Task<bool> ApplyAsync(UpkeepChange change, CancellationToken cancellation) =>
        WriteAsync(change.GetType().Name, mayInterleave: true, async () =>
        {
            var isDone = await inner().ApplyAsync(change, cancellation);
            if (change is UpkeepChange.PackSwap swap)
            {
                faults.Log($"swap {string.Join(", ", swap.From)} into {swap.Into?.PackKey ?? "nothing"}, {swap.Into?.Members.Count} moved, {swap.Forgotten.Count} forgotten, {swap.Retired.Count} retired: {isDone}");
            }
            return isDone;
        });

    public Task<ChangePage> ChangesAsync(TenantId tenant, ChangePosition? after, int limit, CancellationToken cancellation) =>
        ReadAsync("changes", mayInterleave: true, () => inner().ChangesAsync(tenant, after, limit, cancellation));

    public Task<UpkeepState> UpkeepAsync(int limit, CancellationToken cancellation) =>
        ReadAsync("upkeep", mayInterleave: true, () => inner().UpkeepAsync(limit, cancellation));

    /// <summary>As the provider does it.</summary>
    public Task AdoptDeletedAsync(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation) =>
        WriteAsync("adopt deleted", mayInterleave: true, async () =>
        {
            await inner().AdoptDeletedAsync(pack, deleted, cancellation);
            return 0;
        });

    private async Task<T> ReadAsync<T>(string what, bool mayInterleave, Func<Task<T>> read)
    {
        await faults.BeforeAsync(Call.IndexRead, what, mayInterleave);
        return await read();
    }

    private async Task<T> WriteAsync<T>(string what, bool mayInterleave, Func<Task<T>> write)
    {
        var fault = await faults.BeforeAsync(Call.IndexWrite, what, mayInterleave);
        var result = await write();
        faults.After(fault, Call.IndexWrite, what);
        return result;
    }
}
