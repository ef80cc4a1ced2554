using System.Security.Cryptography;
using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Runs transactions: of commits and decisions at most three round trips each, again where another was in the way or where the answer was lost. A batch that was
/// committed before gives its first answer again, so running again is always right: nothing is compensated.
/// </summary>
internal sealed partial class PostgresWriter(PostgresDatabase database, PostgresIndexOptions options) : IAsyncDisposable
{
    /// <summary>Runs of one transaction that met others.</summary>
    private const int MaxRuns = 8;

    /// <summary>Waits for a held row, each as long as the lock timeout.</summary>
    private const int MaxWaits = 4;

    // A request is answered within 15 s, whatever the server does. What may have been committed is asked for longer than what was not.
    private static readonly TimeSpan ReconnectUntil = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AskAgainUntil = TimeSpan.FromSeconds(12);

    private readonly EarlyStatistics _statistics = new(database);

    /// <summary>Waits for what goes on beside transactions.</summary>
    public ValueTask DisposeAsync() => _statistics.DisposeAsync();

    /// <summary>All packs together; where that fails for a reason that lies in a pack, or a row is held, each by itself.</summary>
    public async Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation)
    {
        if (packs.Count <= 1)
        {
            return packs.Count == 0 ? [] : await PostgresErrors.GuardAsync(() => TogetherAsync(packs, MaxWaits, cancellation));
        }
        try
        {
            return await TogetherAsync(packs, waits: 0, cancellation);
        }
        catch (Exception error) when (BatchCommit.IsOfOnePack(error) || PostgresErrors.Of(error) == Trouble.Locked)
        {
            return await OneByOneAsync(packs, cancellation);
        }
    }

    public Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation) => PostgresErrors.GuardAsync(() => RunAsync(
        TransactionScope.Of(request), (transaction, rows) => Decisions.Apply(transaction, request, DecisionLoader.InScope(rows, request)),
        MaxWaits, cancellation));

    public Task AdoptDeletedAsync(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation) =>
        RunAsync(TransactionScope.Of([pack]), (transaction, rows) =>
        {
            DeletedAdoption.Run(transaction, pack, deleted);
            rows.Touch(pack.Tenant, pack.StudyUid, rows.Now);
            return 0;
        }, MaxWaits, cancellation);

    private Task<IReadOnlyList<PackResult>> TogetherAsync(IReadOnlyList<PackCommit> packs, int waits, CancellationToken cancellation) =>
        RunAsync<IReadOnlyList<PackResult>>(TransactionScope.Of(packs), (transaction, _) =>
        {
            var committer = new PackCommitter(transaction, options.Fence);
            return [.. packs.Select(committer.Commit)];
        }, waits, cancellation);

    // First what nobody holds; then what has to be waited for.
    private async Task<IReadOnlyList<PackResult>> OneByOneAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation)
    {
        var results = new PackResult?[packs.Count];
        foreach (var waits in (int[])[0, MaxWaits])
        {
            for (var i = 0; i < packs.Count; i++)
            {
                results[i] ??= await AloneAsync(packs[i], waits, cancellation);
            }
        }
        return [.. results.Select(static result => result!)];
    }

    private async Task<PackResult?> AloneAsync(PackCommit pack, int waits, CancellationToken cancellation)
    {
        try
        {
            return (await TogetherAsync([pack], waits, cancellation))[0];
        }
        catch (Exception error) when (PostgresErrors.Of(error) == Trouble.Locked)
        {
            return waits == 0 ? null : new PackResult([], new HashSet<int>(), $"The study of pack {pack.Pack} is in use; its instances must be sent again.") { IsBusy = true };
        }
        catch (Exception error) when (BatchCommit.IsOfOnePack(error))
        {
            return BatchCommit.Refused(pack, error);
        }
    }

    private Task<T> RunAsync<T>(TransactionScope scope, Func<IngestTransaction, LoadedRows, T> work, int waits, CancellationToken cancellation) =>
        AgainAsync(() => OnceAsync(scope, (_, transaction, rows) => Task.FromResult(work(transaction, rows)), cancellation), waits, cancellation);

    private async Task<T> AgainAsync<T>(Func<Task<T>> once, int waits, CancellationToken cancellation)
    {
        var started = options.Time.GetTimestamp();
        var isTakenOver = false;
        for (var run = 1; ; run++)
        {
            try
            {
                if (isTakenOver)
                {
                    await Takeover.EnterAsync(database, cancellation);
                }
                return await once();
            }
            catch (Exception error) when (PostgresErrors.Of(error) is var trouble and not Trouble.None)
            {
                cancellation.ThrowIfCancellationRequested();
                isTakenOver = error is TakenOverException;
                if (trouble == Trouble.Locked && waits-- <= 0)
                {
                    throw;
                }
                var until = trouble == Trouble.Connection ? ReconnectUntil : AskAgainUntil;
                if (run == MaxRuns || trouble == Trouble.Overload || options.Time.GetElapsedTime(started) > until)
                {
                    throw PostgresErrors.Unavailable(error);
                }
            }
            // Jitter, so that those who met do not meet again.
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(5, 40 * run)), options.Time, cancellation);
        }
    }

    private async Task<T> OnceAsync<T>(
        TransactionScope scope, Func<NpgsqlConnection, IngestTransaction, LoadedRows, Task<T>> work, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        try
        {
            var rows = await RowLoader.BeginAsync(connection, scope, options, cancellation);
            var transaction = new IngestTransaction(rows, rows.Now);
            var result = await work(connection, transaction, rows);
            var changed = transaction.FinishSets();
            // A new study has no sets but those at hand, and a decision has loaded them all.
            var incomplete = scope.IsOfWholeStudies ? [] : changed.Select(static delta => (delta.Tenant.Value, delta.StudyUid))
                .Where(key => rows.Of(key.Value, key.StudyUid).Record is not null).ToList();
            if (incomplete.Count > 0)
            {
                await RowLoader.LoadSetsAsync(connection, rows, incomplete);
            }
            transaction.Finish();
            await CommitAsync(connection, rows);
            if (options.EarlyStatistics)
            {
                _statistics.Count(rows.Writes.Totals.Sum(static item => item.Totals.Studies));
            }
            return result;
        }
        catch
        {
            await RollBackAsync(connection);
            throw;
        }
    }

    private async Task CommitAsync(NpgsqlConnection connection, LoadedRows rows)
    {
        try
        {
            await RowWriter.CommitAsync(connection, rows, options.Mirror);
        }
        catch (Exception error) when (PostgresErrors.Of(error) == Trouble.Connection)
        {
            throw new AnswerLostException(error);
        }
    }

    // A connection that goes back to the pool in a transaction would be rolled back there too, but its locks are others' wait.
    private static async Task RollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await using var command = new NpgsqlCommand("ROLLBACK", connection);
                await command.ExecuteNonQueryAsync();
            }
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            // The connection is gone, and its transaction with it.
        }
    }
}
