using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index;

// Beside the port: what rebuilding, verifying and backing up need.
public sealed partial class SqliteArchiveIndex
{
    /// <summary>Rows that a listing reads at once; no statement is open between two pages.</summary>
    private const int PageRows = 500;

    /// <inheritdoc/>
    public Task AdoptDeletedAsync(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation) =>
        WriteAsync(transaction =>
        {
            DeletedAdoption.Run(transaction, pack, deleted);
            Upkeep.StudyQueue.Touch(transaction.Session, pack.Tenant, pack.StudyUid, transaction.Now);
            return 0;
        }, cancellation);

    /// <inheritdoc/>
    public Task BeginEpochAsync(Ulid lastDecision, CancellationToken cancellation) => ApplyAsync(new UpkeepChange.EpochBegun(lastDecision), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PackRow> PacksAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var at = (Tenant: 0, Study: "", Pack: 0L);
        while (true)
        {
            var page = await _readers.ReadAsync(session => Listings.Packs(session, at, PageRows), cancellation);
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
            var page = await _readers.ReadAsync(session => Listings.Instances(session, TenantId.Default, at, PageRows), cancellation);
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

    /// <summary>Writes a consistent copy of the running index to a new file, by SQLite's online backup.</summary>
    public Task BackupAsync(string destination, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.Run(() =>
        {
            using var source = _database.Connect(write: false);
            using var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = destination, Pooling = false }.ToString());
            target.Open();
            source.Connection.BackupDatabase(target);
        }, cancellation);
    }
}
