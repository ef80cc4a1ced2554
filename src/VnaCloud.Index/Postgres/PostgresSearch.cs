using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Query;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// A search in two round trips and one snapshot: the keys of the page, composed by EF Core; then the rows that they name, with the count
/// of all matches where that is not known yet.
/// </summary>
internal sealed class PostgresSearch(PostgresDatabase database, PostgresIndexOptions options)
{
    // Many search at once: workers for one would be taken from others, and make scans of tables look cheap.
    private const string Begin = """
        SELECT rebuilding, set_config('statement_timeout', $1, true), set_config('jit', 'off', true),
            set_config('max_parallel_workers_per_gather', '0', true) FROM archive
        """;

    private readonly PooledDbContextFactory<PostgresIndexDb> _contexts = new(PostgresIndexDb.Options(database.Primary));
    private readonly ReplicaGate _replica = new(database, options);

    public async Task<SearchPage> RunAsync(SearchRequest request, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        await using var db = await _contexts.CreateDbContextAsync(cancellation);
        var keys = KeyQuery.Compose(db, request);
        var pieces = request.Cursor is { } cursor
            ? [.. KeyQuery.After(keys, request, Cursor.Read(request.Level, cursor))
                .Select(piece => KeyQuery.InOrder(piece, request.Level).Take(request.Limit + 1))]
            : new List<IQueryable<ResultKey>> { KeyQuery.InOrder(keys, request.Level).Skip(request.Offset).Take(request.Limit + 1) };
        try
        {
            return await OnReplicaAsync(request, keys, pieces, cancellation) ?? await OnPrimaryAsync(request, keys, pieces, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.QueryCanceled && !cancellation.IsCancellationRequested)
        {
            throw new SearchTooSlowException(options.StatementTimeout, error);
        }
    }

    private async Task<SearchPage?> OnReplicaAsync(
        SearchRequest request, IQueryable<ResultKey> keys, List<IQueryable<ResultKey>> pieces, CancellationToken cancellation)
    {
        if (await _replica.TryOpenAsync(cancellation) is not { } replica)
        {
            return null;
        }
        await using var connection = replica.Connection;
        try
        {
            return await OnAsync(connection, replica.Written, request, keys, pieces, cancellation);
        }
        catch (ReplicaBehindException)
        {
            return null;
        }
        catch (Exception error) when (PostgresErrors.Of(error) is Trouble.Connection or Trouble.Collision && !cancellation.IsCancellationRequested)
        {
            _replica.Failed(); // gone, or replay was in the statement's way
            return null;
        }
        catch (PostgresException error) when (error.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            return null; // so far behind that a table is missing; an error of the search itself comes again from the primary
        }
    }

    private async Task<SearchPage> OnPrimaryAsync(
        SearchRequest request, IQueryable<ResultKey> keys, List<IQueryable<ResultKey>> pieces, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        return await OnAsync(connection, null, request, keys, pieces, cancellation);
    }

    private async Task<SearchPage> OnAsync(NpgsqlConnection connection, string? mustHaveReplayed, SearchRequest request,
        IQueryable<ResultKey> keys, List<IQueryable<ResultKey>> pieces, CancellationToken cancellation)
    {
        var (page, total) = await KeysAsync(connection, mustHaveReplayed, request, pieces, cancellation);
        var hasMore = page.Count > request.Limit;
        if (hasMore)
        {
            page.RemoveRange(request.Limit, page.Count - request.Limit);
        }
        if (total is null && request.Cursor is null && !hasMore && (page.Count > 0 || request.Offset == 0))
        {
            total = request.Offset + page.Count;
        }
        var (rows, counted) = await RowsAsync(connection, request, page, total is null ? keys : null, cancellation);
        var isLowerBound = counted > Search.MaxCounted;
        total ??= isLowerBound ? Math.Max(Search.MaxCounted, request.Offset + page.Count) : counted;
        return new SearchPage(rows, total.Value, isLowerBound, hasMore ? Cursor.Write(request.Level, page[^1]) : null);
    }

    private async Task<(List<ResultKey> Page, long? Total)> KeysAsync(
        NpgsqlConnection connection, string? mustHaveReplayed, SearchRequest request, List<IQueryable<ResultKey>> pieces, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (mustHaveReplayed is not null)
        {
            // Before the transaction, whose snapshot must not be older than the answer.
            batch.Add(ReplicaGate.HasReplayed, Value(mustHaveReplayed));
            batch.BatchCommands[0].AppendErrorBarrier = true;
        }
        batch.Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        batch.Add(Begin,
            Value(Math.Max(1, (long)options.StatementTimeout.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        foreach (var piece in pieces)
        {
            Add(batch, piece);
        }
        var isCounted = request.Criteria.Count == 0;
        if (isCounted)
        {
            SearchTotals.Add(batch, request);
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (mustHaveReplayed is not null)
        {
            await RowLoader.EachAsync(reader, static row =>
            {
                if (row.IsDBNull(0) || !row.GetBoolean(0))
                {
                    throw new ReplicaBehindException();
                }
            }, cancellation);
        }
        await RowLoader.EachAsync(reader, row =>
        {
            if (row.GetBoolean(0) && !options.Rebuilding)
            {
                throw PostgresLocks.Rebuilding();
            }
        }, cancellation);
        var page = new List<ResultKey>();
        foreach (var _ in pieces)
        {
            var columns = new KeyColumns(reader);
            await RowLoader.EachAsync(reader, row => page.Add(columns.Read(row)), cancellation);
        }
        long? total = null;
        if (isCounted)
        {
            total = 0;
            await RowLoader.EachAsync(reader, row => total = row.IsDBNull(0) ? 0 : row.GetInt64(0), cancellation);
        }
        return (page, total);
    }

    private static async Task<(List<SearchRow> Rows, long Counted)> RowsAsync(
        NpgsqlConnection connection, SearchRequest request, List<ResultKey> page, IQueryable<ResultKey>? toCount, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (toCount is not null)
        {
            // In the order of studies, which ranges have: without one, a scan of a table would do for the first ten thousand.
            var inOrder = request.Level == QueryLevel.Study ? toCount : KeyQuery.InOrder(toCount, QueryLevel.Study);
            Add(batch, inOrder.Take(Search.MaxCounted + 1), static sql => $"SELECT count(*) FROM ({sql}) AS found");
        }
        batch.PlanKeyByKey();
        var loader = new PostgresResultLoader(request, page);
        loader.Add(batch);
        batch.Add("COMMIT");
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var counted = 0L;
        if (toCount is not null)
        {
            await RowLoader.EachAsync(reader, row => counted = row.GetInt64(0), cancellation);
        }
        await reader.NextResultAsync(cancellation);
        return (await loader.ReadAsync(reader, cancellation), counted);
    }

    // EF Core composes and names the parameters; the statement is sent with others instead of by itself.
    private static void Add(NpgsqlBatch batch, IQueryable<ResultKey> query, Func<string, string>? around = null)
    {
        using var command = query.CreateDbCommand();
        var statement = new NpgsqlBatchCommand(around is null ? command.CommandText : around(command.CommandText));
        foreach (NpgsqlParameter parameter in command.Parameters)
        {
            statement.Parameters.Add(parameter.Clone());
        }
        batch.BatchCommands.Add(statement);
    }

    /// <summary>Columns of a key by the names that EF Core gives them; a level has not all of them.</summary>
    private sealed class KeyColumns
    {
        private readonly int[] _places;

        public KeyColumns(NpgsqlDataReader reader)
        {
            var names = Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, static i => i, StringComparer.OrdinalIgnoreCase);
            _places = [.. new[]
            {
                nameof(ResultKey.StudyDate), nameof(ResultKey.StudyTime), nameof(ResultKey.StudyUid), nameof(ResultKey.SeriesOrder),
                nameof(ResultKey.SeriesUid), nameof(ResultKey.InstanceOrder), nameof(ResultKey.SopUid),
            }.Select(name => names.GetValueOrDefault(name, -1))];
        }

        public ResultKey Read(NpgsqlDataReader row) => new()
        {
            StudyDate = Text(row, 0), StudyTime = Text(row, 1), StudyUid = Text(row, 2), SeriesOrder = Number(row, 3), SeriesUid = Text(row, 4),
            InstanceOrder = Number(row, 5), SopUid = Text(row, 6),
        };

        private string Text(NpgsqlDataReader row, int column) => _places[column] < 0 ? "" : row.GetString(_places[column]);

        private long Number(NpgsqlDataReader row, int column) => _places[column] < 0 ? 0 : row.GetInt64(_places[column]);
    }
}
