using VnaCloud.Archive;
using VnaCloud.Index.Postgres;

namespace VnaCloud.Index;

public sealed partial class PostgresArchiveIndex
{
    /// <summary>Changes that are numbered in one transaction.</summary>
    private const int NumberedAtOnce = 1_000;

    private readonly UpkeepReader _upkeep;

    /// <inheritdoc/>
    public Task<Lease?> LeaseAsync(string job, string holder, TimeSpan duration, CancellationToken cancellation) =>
        Writer.LeaseAsync(job, holder, duration, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexedPack>> PacksAsync(PackSelection selection, CancellationToken cancellation) =>
        ReadAsync(() => _upkeep.PacksAsync(selection, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexedArrival>> ArrivalsAsync(TenantId tenant, string studyUid, IReadOnlyList<InstanceKey> instances, CancellationToken cancellation) =>
        ReadAsync(() => _upkeep.ArrivalsAsync(tenant, studyUid, instances, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<bool> ApplyAsync(UpkeepChange change, CancellationToken cancellation) => Writer.ApplyAsync(change, cancellation);

    /// <inheritdoc/>
    public Task<ChangePage> ChangesAsync(TenantId tenant, ChangePosition? after, int limit, CancellationToken cancellation) => ReadAsync(async () =>
    {
        var (page, isPending) = await _upkeep.ChangesAsync(tenant, after, limit, cancellation);
        if (!isPending || page.Changes.Count == limit || page.IsOtherEpoch || _writer is null)
        {
            return page;
        }
        await NumberChangesAsync(tenant, Math.Max(limit, NumberedAtOnce), cancellation);
        return (await _upkeep.ChangesAsync(tenant, after, limit, cancellation)).Page;
    }, cancellation);

    /// <inheritdoc/>
    public Task<UpkeepState> UpkeepAsync(int limit, CancellationToken cancellation) => ReadAsync(async () =>
    {
        if (_writer is not null && (await _upkeep.ChangesAsync(TenantId.Default, null, 0, cancellation)).IsPending)
        {
            while (await NumberChangesAsync(TenantId.Default, NumberedAtOnce, cancellation) == NumberedAtOnce) { }
        }
        return await _upkeep.StateAsync(limit, cancellation);
    }, cancellation);
}
