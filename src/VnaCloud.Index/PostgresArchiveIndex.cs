using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Access;
using VnaCloud.Index.Postgres;

namespace VnaCloud.Index;

/// <summary>
/// The index in PostgreSQL, for any number of servers. Methods are safe to call from many threads; whatever the database cannot do just
/// now is an <see cref="IndexUnavailableException"/>.
/// </summary>
public sealed partial class PostgresArchiveIndex : IRebuildableIndex
{
    private readonly PostgresIndexOptions _options;
    private readonly PostgresDatabase _database;
    private readonly PostgresWriter? _writer;
    private readonly PostgresLocator _locator;
    private readonly PostgresSearch _search;
    private int _disposed;

    private PostgresArchiveIndex(PostgresIndexOptions options, PostgresDatabase database)
    {
        _options = options;
        _database = database;
        _writer = options.ReadOnly ? null : new PostgresWriter(database, options);
        _locator = new PostgresLocator(database, options);
        _search = new PostgresSearch(database, options);
        _upkeep = new UpkeepReader(database, options);
    }

    /// <summary>Opens the index; makes or upgrades its schema where that is wanted.</summary>
    /// <exception cref="IndexOpenException">Without schema, of a newer version, or not an index.</exception>
    /// <exception cref="IndexUnavailableException">The database does not answer.</exception>
    public static async Task<PostgresArchiveIndex> OpenAsync(PostgresIndexOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PostgresArchiveIndex(options, await PostgresDatabase.OpenAsync(options, cancellation));
    }

    /// <summary>Makes or upgrades the schema, and gives a new index its identity.</summary>
    public static Task MigrateAsync(PostgresIndexOptions options, CancellationToken cancellation) => PostgresDatabase.MigrateAsync(options, cancellation);

    /// <inheritdoc/>
    public AccessStore Access => new(new PostgresAccessDatabase(_database));

    private PostgresWriter Writer => _writer ?? throw new InvalidOperationException("The index was opened read-only.");

    /// <inheritdoc/>
    public Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation) =>
        Writer.CommitAsync(packs, cancellation);

    /// <inheritdoc/>
    public Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation) => Writer.DecideAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation) =>
        ReadAsync(() => _locator.FindAsync(tenant, studyUid, seriesUid, sopUid, cancellation), cancellation);

    /// <inheritdoc/>
    /// <exception cref="SearchTooSlowException">A statement took longer than <see cref="PostgresIndexOptions.StatementTimeout"/>.</exception>
    /// <exception cref="InvalidCursorException">The cursor is not one of this level.</exception>
    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation) =>
        ReadAsync(() => _search.RunAsync(request, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation) =>
        ReadAsync(() => PostgresOutbox.ReadAsync(_database, tenant, written, limit, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<IndexState> StateAsync(CancellationToken cancellation) => ReadAsync(async () =>
    {
        await using var command = _database.Primary.CreateCommand("""
            SELECT archive_id, tenant_key, coalesce(sum(studies), 0)::bigint, coalesce(sum(series), 0)::bigint, coalesce(sum(instances), 0)::bigint,
                coalesce(sum(packs), 0)::bigint, rebuilding
            FROM archive, tenant LEFT JOIN tenant_count USING (tenant_id) WHERE tenant_id = $1 GROUP BY archive_id, tenant_key, rebuilding
            """);
        command.Parameters.Add(Batches.Value(TenantId.Default.Value));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new IndexState(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5))
        {
            IsRebuilding = row.GetBoolean(6),
        };
    }, cancellation);

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        // A container disposes what it handed out, and so does who opened it.
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            if (_writer is not null)
            {
                await _writer.DisposeAsync();
            }
            await _database.DisposeAsync();
        }
    }

    // A pooled connection whose server has gone is only noticed when it is used, so one more try is given to every read.
    private static async Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancellation)
    {
        for (var run = 1; ; run++)
        {
            try
            {
                return await read();
            }
            catch (Exception error) when (PostgresErrors.Of(error) is var trouble and not Trouble.None)
            {
                cancellation.ThrowIfCancellationRequested();
                if (run > 1 || trouble == Trouble.Overload || error is not NpgsqlException { IsTransient: true, InnerException: not TimeoutException })
                {
                    throw PostgresErrors.Unavailable(error);
                }
            }
        }
    }
}
