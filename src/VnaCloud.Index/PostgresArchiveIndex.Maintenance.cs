using System.Runtime.CompilerServices;
using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Postgres;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index;

// Beside the port: what rebuilding, verifying and the change feed need.
public sealed partial class PostgresArchiveIndex
{
    /// <summary>Rows that a listing reads at once; no statement is open between two pages.</summary>
    private const int PageRows = 500;

    private static readonly string InstancesPage = $"""
        SELECT i.study_uid, {InstanceRowReader.Columns} FROM instance i WHERE i.tenant_id = $1
            AND (i.study_uid, i.series_uid, i.sop_uid) > ($2, $3, $4) ORDER BY i.study_uid, i.series_uid, i.sop_uid LIMIT $5
        """;

    /// <inheritdoc/>
    public Task AdoptDeletedAsync(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation) =>
        Writer.AdoptDeletedAsync(pack, deleted, cancellation);

    /// <inheritdoc/>
    public Task BeginEpochAsync(Ulid lastDecision, CancellationToken cancellation) => ApplyAsync(new UpkeepChange.EpochBegun(lastDecision), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PackRow> PacksAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var at = (Tenant: 0, Study: "", Pack: 0L);
        while (true)
        {
            var page = await PackPageAsync(at, cancellation);
            foreach (var (row, _) in page)
            {
                yield return row;
            }
            if (page.Count < PageRows)
            {
                yield break;
            }
            at = (page[^1].Row.Tenant.Value, page[^1].Row.StudyUid, page[^1].Id);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<InstanceEntry> InstancesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var at = new InstanceKey("", "", "");
        while (true)
        {
            var page = await InstancePageAsync(at, cancellation);
            foreach (var entry in page)
            {
                yield return entry;
            }
            if (page.Count < PageRows)
            {
                yield break;
            }
            at = page[^1].Key;
        }
    }

    /// <summary>
    /// Gives changes of a tenant that are committed their place in the change feed, at most <paramref name="limit"/>; returns how many. For
    /// the one that holds the lease; a second caller waits, and does no harm.
    /// </summary>
    internal Task<int> NumberChangesAsync(TenantId tenant, int limit, CancellationToken cancellation) =>
        ChangeNumbering.RunAsync(_database, tenant, limit, cancellation);

    private async Task<List<(PackRow Row, long Id)>> PackPageAsync((int Tenant, string Study, long Pack) after, CancellationToken cancellation)
    {
        await using var command = _database.Primary.CreateCommand("""
            SELECT tenant_id, study_uid, pack_id, ulid, object_key, length FROM pack
            WHERE (tenant_id, study_uid, pack_id) > ($1, $2, $3) ORDER BY tenant_id, study_uid, pack_id LIMIT $4
            """);
        command.Parameters.AddRange(new[] { Value(after.Tenant), Value(after.Study), Value(after.Pack), Value(PageRows) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var page = new List<(PackRow, long)>();
        await RowLoader.EachAsync(reader, row => page.Add((new PackRow(new TenantId(row.GetInt32(0)), row.GetString(1),
            Ulid.Read(RowLoader.Bytes(row, 3)), row.GetString(4), row.GetInt64(5)), row.GetInt64(2))), cancellation);
        return page;
    }

    private async Task<List<InstanceEntry>> InstancePageAsync(InstanceKey after, CancellationToken cancellation)
    {
        await using var command = _database.Primary.CreateCommand(InstancesPage);
        command.Parameters.AddRange(new[]
        {
            Value(TenantId.Default.Value), Value(after.StudyUid), Value(after.SeriesUid), Value(after.SopUid), Value(PageRows),
        });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (rows, page) = (new InstanceRowReader(first: 1), new List<InstanceEntry>());
        await RowLoader.EachAsync(reader, row => page.Add(rows.Read(row, row.GetString(0)).Entry), cancellation);
        return page;
    }
}
