using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index;

/// <summary>A pack that the index refers to.</summary>
/// <param name="Tenant">Its tenant.</param>
/// <param name="StudyUid">The study whose instances it holds.</param>
/// <param name="Pack">Its ULID.</param>
/// <param name="Key">Object key.</param>
/// <param name="Length">Bytes.</param>
public sealed record PackRow(TenantId Tenant, string StudyUid, Ulid Pack, string Key, long Length);

// Beside the port: what rebuilding, verifying and backing up need.
public sealed partial class SqliteArchiveIndex
{
    /// <summary>Rows that a listing reads at once; no statement is open between two pages.</summary>
    private const int PageRows = 500;

    /// <summary>
    /// Reindex: puts members of a pack that the journal says are deleted where a restore finds them, as of the decision's time.
    /// <c>Ordinal</c> is the index in <see cref="PackCommit.Members"/>. An arrival that is there already stays as it is.
    /// </summary>
    public Task AdoptDeletedAsync(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation) =>
        WriteAsync(transaction =>
        {
            DeletedAdoption.Run(transaction, pack, deleted);
            Upkeep.StudyQueue.Touch(transaction.Session, pack.Tenant, pack.StudyUid, transaction.Now);
            return 0;
        }, cancellation);

    /// <summary>
    /// Reindex: readers of the change feed start anew, and decisions made from now on have larger ids than
    /// <paramref name="lastDecision"/>, the last one of the journal.
    /// </summary>
    public Task BeginEpochAsync(Ulid lastDecision, CancellationToken cancellation) => ApplyAsync(new UpkeepChange.EpochBegun(lastDecision), cancellation);

    /// <summary>Every pack, by tenant, study and number.</summary>
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

    /// <summary>Every live instance of the default tenant, by study, series and SOP Instance UID.</summary>
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
