using Microsoft.Data.Sqlite;
using VnaCloud.Archive;
using VnaCloud.Index.Access;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Query;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index;

/// <summary>
/// The index in one SQLite file: one writer, many readers beside it (WAL), every commit synced to disk before it returns. Methods are safe
/// to call from many threads.
/// </summary>
public sealed partial class SqliteArchiveIndex : IRebuildableIndex
{
    private readonly SqliteIndexOptions _options;
    private readonly SqliteDatabase _database;
    private readonly SqliteWriter? _writer;
    // About 15 MB of the instances that viewers ask for again and again.
    private readonly LocatorCache _locators = new(maxInstances: 20_000);
    private readonly ReadPool _readers;
    private int _disposed;

    private SqliteArchiveIndex(SqliteIndexOptions options, SqliteDatabase database)
    {
        _options = options;
        _database = database;
        _readers = new ReadPool(options.Readers, () => database.Connect(write: false));
        _writer = options.ReadOnly ? null : new SqliteWriter(database.Connect(write: true));
    }

    /// <summary>Opens the index; makes or upgrades it where needed.</summary>
    /// <exception cref="IndexOpenException">In use by another process, damaged, of a newer version, or not an index.</exception>
    public static Task<SqliteArchiveIndex> OpenAsync(SqliteIndexOptions options, CancellationToken cancellation) => Task.Run(() =>
    {
        var database = SqliteDatabase.Open(options, cancellation);
        try
        {
            return new SqliteArchiveIndex(options, database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }, cancellation);

    /// <inheritdoc/>
    public AccessStore Access => new(new SqliteAccessDatabase(_readers, () => Writer));

    private SqliteWriter Writer => _writer ?? throw new InvalidOperationException("The index was opened read-only.");

    /// <inheritdoc/>
    public Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation) =>
        Writer.WriteAsync(session => BatchCommit.Run(packs, part => CommitTogether(session, part)), cancellation);

    /// <inheritdoc/>
    public Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation) =>
        WriteAsync(transaction => SqliteDecisions.Apply(transaction, request), cancellation);

    /// <inheritdoc/>
    public Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation) =>
        _readers.ReadAsync(session => Locator.Find(session, _locators, tenant, studyUid, seriesUid, sopUid), cancellation);

    /// <inheritdoc/>
    /// <exception cref="SearchTooSlowException">The search took longer than <see cref="SqliteIndexOptions.StatementTimeout"/>.</exception>
    /// <exception cref="InvalidCursorException">The cursor is not one of this level.</exception>
    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation) =>
        ReadWithinAsync(_options.StatementTimeout, session => Search.Run(session.Db, request), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation)
    {
        if (written.Count > 0)
        {
            await WriteAsync(transaction =>
            {
                SqliteDecisions.Written(transaction.Session, tenant, written);
                return 0;
            }, cancellation);
        }
        return await _readers.ReadAsync(session => SqliteDecisions.Outbox(session, tenant, limit), cancellation);
    }

    /// <inheritdoc/>
    public Task<IndexState> StateAsync(CancellationToken cancellation) => _readers.ReadAsync(static session =>
    {
        var row = session.Prepare("SELECT archive_id, tenant_key, studies, series, instances, packs FROM archive, tenant WHERE tenant_id = ?")
            .Bind(TenantId.Default.Value);
        row.Step();
        var state = new IndexState(row.Text(0), row.Text(1), row.Int64(2), row.Int64(3), row.Int64(4), row.Int64(5));
        row.Reset();
        return state;
    }, cancellation);

    /// <summary>Closes the file; what is being written is finished first.</summary>
    public async ValueTask DisposeAsync()
    {
        // A container disposes what it handed out, and so does who opened it.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        _readers.Dispose();
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }
        _database.Dispose();
    }

    /// <exception cref="SearchTooSlowException">It took longer than the limit.</exception>
    private Task<T> ReadWithinAsync<T>(TimeSpan limit, Func<SqliteSession, T> read, CancellationToken cancellation) => _readers.ReadAsync(session =>
    {
        session.Watch(limit, cancellation);
        try
        {
            return read(session);
        }
        catch (SqliteException error) when (SqliteErrors.IsInterrupted(error))
        {
            cancellation.ThrowIfCancellationRequested();
            throw new SearchTooSlowException(limit, error);
        }
        finally
        {
            session.Unwatch();
        }
    }, cancellation);

    private Task<T> WriteAsync<T>(Func<IndexTransaction, T> write, CancellationToken cancellation) =>
        Writer.WriteAsync(session => InTransaction(session, write), cancellation);

    private List<PackResult> CommitTogether(SqliteSession session, IReadOnlyList<PackCommit> packs) =>
        InTransaction(session, transaction =>
        {
            var committer = new PackCommitter(transaction, _options.Fence);
            return packs.Select(committer.Commit).ToList();
        });

    private T InTransaction<T>(SqliteSession session, Func<IndexTransaction, T> write) => SqliteWriter.InTransaction(session, () =>
    {
        var transaction = new IndexTransaction(session, _options.Time.GetUtcNow(),
            _options.Mirror ? key => Upkeep.MirrorQueue.Add(session, key, _options.Time.GetUtcNow()) : null);
        var result = write(transaction);
        transaction.FinishSets();
        transaction.Finish();
        return result;
    });
}
