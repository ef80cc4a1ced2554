using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Outage;

/// <summary>A primary and its streaming standby, with a database for one server, of which one takes writes at a time.</summary>
internal sealed class PostgresPair : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly PostgresServer _postgres;

    private PostgresPair(PostgresServer postgres, string database) => (_postgres, Primary) = (postgres, database);

    /// <summary>The database on the first primary.</summary>
    public string Primary { get; }

    /// <summary>The database on the standby.</summary>
    public string Standby => _postgres.OnReplica(Primary);

    /// <summary>Arguments of a server on both, which collects and looks for changes all the time.</summary>
    public string[] Arguments =>
    [
        "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={_postgres.OnEither(Primary)};Maximum Pool Size=16",
        "--Vna:Maintenance:CollectSeconds=1", "--Vna:Maintenance:CheckpointSeconds=1",
    ];

    /// <summary>Host and database of whichever takes writes.</summary>
    public string Either => _postgres.OnEither(Primary);

    public static async Task<PostgresPair> StartAsync()
    {
        var postgres = await PostgresServer.StartAsync(1, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var pair = new PostgresPair(postgres, await postgres.CreateDatabaseAsync());
        await pair.CatchUpAsync();
        return pair;
    }

    /// <summary>Commits are acknowledged when the standby has them.</summary>
    public async Task MakeSynchronousAsync()
    {
        await PostgresServer.AskAsync(Primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await PostgresServer.AskAsync(Primary, "SELECT pg_reload_conf()");
        await PostgresServer.WaitAsync(Primary, "SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication", Patience);
    }

    /// <summary>The standby has what the primary has, and is not sent anything from now on.</summary>
    public async Task CutOffStandbyAsync()
    {
        await CatchUpAsync();
        await PostgresServer.AskAsync(Standby, "ALTER SYSTEM SET primary_conninfo = ''");
        await PostgresServer.AskAsync(Standby, "SELECT pg_reload_conf()");
        await PostgresServer.WaitAsync(Standby, "SELECT count(*) = 0 FROM pg_stat_wal_receiver", Patience);
    }

    /// <summary>A job that only one may do is somebody else's until <see cref="GiveBackAsync"/>.</summary>
    public Task HoldAsync(string job) => PostgresServer.AskAsync(Primary,
        $"INSERT INTO lease VALUES ('{job}', 'test', 1, 9000000000000) ON CONFLICT (job) DO UPDATE SET holder = 'test', expires_at = 9000000000000");

    public Task GiveBackAsync(string job) => PostgresServer.AskAsync(Standby, $"DELETE FROM lease WHERE job = '{job}' AND holder = 'test'");

    /// <summary>The primary stops at once and for ever; the standby becomes the primary. Gives the time of the stop.</summary>
    public async Task<long> FailOverAsync()
    {
        var stopped = Stopwatch.GetTimestamp();
        await _postgres.RunAsync("fail");
        await _postgres.RunAsync("promote");
        return stopped;
    }

    /// <summary>Whether the new primary's index is known to have all that the store has.</summary>
    public async Task<bool> IsCleanAsync() => await PostgresServer.AskAsync(Standby, "SELECT clean_epoch = epoch FROM archive") is true;

    public Task WaitCleanAsync(TimeSpan atMost) => PostgresServer.WaitAsync(Standby, "SELECT clean_epoch = epoch FROM archive", atMost);

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    private async Task CatchUpAsync()
    {
        var written = await PostgresServer.AskAsync(Primary, "SELECT pg_current_wal_lsn()::text");
        await PostgresServer.WaitAsync(new Npgsql.NpgsqlConnectionStringBuilder(Standby) { Database = "postgres" }.ToString(), $"SELECT pg_last_wal_replay_lsn() >= '{written}'", Patience);
    }
}
