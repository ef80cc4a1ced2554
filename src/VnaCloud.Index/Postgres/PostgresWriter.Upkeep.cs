using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Upkeep;

namespace VnaCloud.Index.Postgres;

internal sealed partial class PostgresWriter
{
    public Task<Lease?> LeaseAsync(string job, string holder, TimeSpan duration, CancellationToken cancellation) => PostgresErrors.GuardAsync(() =>
        AgainAsync(() => ShortAsync(alone: false, (connection, now) => UpkeepChanges.LeaseAsync(connection, job, holder, duration, now, cancellation), cancellation),
            MaxWaits, cancellation));

    /// <summary>Every change is right when it runs again: none adds to what is there.</summary>
    public async Task<bool> ApplyAsync(UpkeepChange change, CancellationToken cancellation)
    {
        try
        {
            return await PostgresErrors.GuardAsync(() => change switch
            {
                UpkeepChange.PackSwap swap => SwapAsync(swap, cancellation),
                UpkeepChange.Replayed replayed => ReplayAsync(replayed, cancellation),
                // Nobody may commit to the old epoch behind its end.
                _ => AgainAsync(() => ShortAsync(change is UpkeepChange.EpochBegun, (connection, now) => ChangeAsync(connection, change, now), cancellation),
                    MaxWaits, cancellation),
            });
        }
        catch (StaleChangeException)
        {
            return false;
        }
    }

    private Task<bool> SwapAsync(UpkeepChange.PackSwap swap, CancellationToken cancellation) => AgainAsync(() => OnceAsync(TransactionScope.Of(swap),
        async (connection, transaction, rows) =>
        {
            await UpkeepSwap.RunAsync(connection, transaction, rows, swap, options.Fence);
            return true;
        }, cancellation), MaxWaits, cancellation);

    private async Task<bool> ReplayAsync(UpkeepChange.Replayed replayed, CancellationToken cancellation)
    {
        foreach (var group in UpkeepReplay.Groups(replayed.Decisions))
        {
            await RunAsync(TransactionScope.Of(replayed.Tenant, group), (transaction, rows) =>
            {
                UpkeepReplay.Run(transaction, rows, replayed.Tenant, group);
                return 0;
            }, MaxWaits, cancellation);
        }
        // Voids change nothing, but their ids are given out.
        return replayed.Decisions.Count == 0 || await AgainAsync(() => ShortAsync(alone: false, async (connection, _) =>
        {
            await using var batch = new NpgsqlBatch(connection);
            UpkeepWriter.RaiseDecisions(batch, replayed.Decisions[^1].Id);
            return await CommitAsync(batch);
        }, cancellation), MaxWaits, cancellation);
    }

    private static async Task<bool> ChangeAsync(NpgsqlConnection connection, UpkeepChange change, DateTimeOffset now)
    {
        await using var batch = new NpgsqlBatch(connection);
        UpkeepChanges.Add(batch, change, now);
        var first = batch.BatchCommands[0];
        await CommitAsync(batch);
        return change is not (UpkeepChange.Scrubbed or UpkeepChange.EpochClean) || first.Rows > 0;
    }

    private static async Task<bool> CommitAsync(NpgsqlBatch batch)
    {
        batch.Add("COMMIT");
        try
        {
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
            return true;
        }
        catch (Exception error) when (PostgresErrors.Of(error) == Trouble.Connection)
        {
            throw new AnswerLostException(error);
        }
    }

    private async Task<T> ShortAsync<T>(bool alone, Func<NpgsqlConnection, DateTimeOffset, Task<T>> work, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        try
        {
            return await work(connection, await RowLoader.EnterAsync(connection, options, alone, cancellation));
        }
        catch
        {
            await RollBackAsync(connection);
            throw;
        }
    }
}
