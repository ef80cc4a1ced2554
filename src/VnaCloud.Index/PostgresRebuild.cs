using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Postgres;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index;

/// <summary>
/// A rebuild of the index in its place. From its beginning to <see cref="CompleteAsync"/> the index carries a mark, and no server serves or
/// writes. The mark outlives a process that dies: the next rebuild then goes on with what is there, and adds what is missing.
/// </summary>
public sealed class PostgresRebuild : IAsyncDisposable
{
    // Versions go on from where they were. Decisions that are not in the journal yet stay: they are to be written there first of all.
    private const string Empty = """
        TRUNCATE tenant_count, patient, study, study_modality, study_word, series, series_request, attribute_set, instance, deleted_instance, pack,
            retired_pack, quarantine, touched_study, ingest_batch, change, last_decision
        """;

    private readonly NpgsqlConnection _lock;

    private PostgresRebuild(PostgresArchiveIndex index, NpgsqlConnection held, bool isResumed) => (Index, _lock, IsResumed) = (index, held, isResumed);

    /// <summary>The index to fill.</summary>
    public PostgresArchiveIndex Index { get; }

    /// <summary>An earlier rebuild had begun and not ended; its rows are kept.</summary>
    public bool IsResumed { get; }

    /// <summary>
    /// Waits for transactions under way, empties the index but for decisions that the journal has not got yet, marks it, and gives it the
    /// identity of the object store.
    /// </summary>
    /// <exception cref="IndexOpenException">Another process rebuilds it.</exception>
    public static async Task<PostgresRebuild> BeginAsync(PostgresIndexOptions options, ArchiveIdentity identity, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(identity);
        var index = await PostgresArchiveIndex.OpenAsync(
            options with { Rebuilding = true, ArchiveId = identity.ArchiveId, TenantKey = identity.TenantKey }, cancellation);
        // A connection of its own: the locks are its session's.
        var settings = PostgresConnections.Single(options.ConnectionString);
        (settings.CommandTimeout, settings.KeepAlive) = (0, 30);
        var held = new NpgsqlConnection(settings.ToString());
        try
        {
            await held.OpenAsync(cancellation);
            if (await ScalarAsync(held, "SELECT pg_try_advisory_lock($1)", PostgresLocks.Rebuild, cancellation) is not true)
            {
                throw new IndexOpenException("Another process rebuilds this index. Wait for it to end.");
            }
            // From here on no transaction can begin to write; those that had are waited for.
            await ScalarAsync(held, "SELECT pg_advisory_lock($1)", PostgresLocks.Writing, cancellation);
            var isResumed = await MarkAsync(held, identity, cancellation);
            await ScalarAsync(held, "SELECT pg_advisory_unlock($1)", PostgresLocks.Writing, cancellation);
            return new PostgresRebuild(index, held, isResumed);
        }
        catch
        {
            await held.DisposeAsync();
            await index.DisposeAsync();
            throw;
        }
    }

    /// <summary>The index has all that the store has. Takes the mark away: servers serve again.</summary>
    public async Task CompleteAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("UPDATE archive SET rebuilding = false, clean_epoch = epoch", _lock);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Lets others rebuild; without <see cref="CompleteAsync"/> the mark stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync();
        await _lock.DisposeAsync();
    }

    private static async Task<bool> MarkAsync(NpgsqlConnection connection, ArchiveIdentity identity, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var isMarked = new NpgsqlCommand("SELECT rebuilding AND archive_id = $1 FROM archive", connection, transaction);
        isMarked.Parameters.Add(Value(identity.ArchiveId));
        var isResumed = await isMarked.ExecuteScalarAsync(cancellation) is true;
        if (!isResumed)
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            batch.Add(Empty);
            batch.Add("DELETE FROM outbox WHERE NOT EXISTS (SELECT 1 FROM archive WHERE archive_id = $1)", Value(identity.ArchiveId));
            batch.Add("UPDATE archive SET rebuilding = true, clean_epoch = 0, archive_id = $1", Value(identity.ArchiveId));
            batch.Add("UPDATE tenant SET tenant_key = $2 WHERE tenant_id = $1", Value(TenantId.Default.Value), Value(identity.TenantKey));
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return isResumed;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, long name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(Value(name));
        return await command.ExecuteScalarAsync(cancellation);
    }
}
