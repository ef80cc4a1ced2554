using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Tests.Contract;
using VnaCloud.Index.Tests.Postgres;
using VnaCloud.TestKit;

[assembly: AssemblyFixture(typeof(PostgresShutdown))]

namespace VnaCloud.Index.Tests.Postgres;

/// <summary>Removes the databases and stops the shared server when all tests are done.</summary>
public sealed class PostgresShutdown : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await PostgresHarness.DropAllAsync();
        await PostgresServer.StopSharedAsync();
    }
}

internal sealed class PostgresHarness : IndexHarness
{
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    // Making a database takes longer than most tests: those of tests that are done are emptied and used again.
    private static readonly ConcurrentBag<string> Idle = [];

    private PostgresHarness(string server, string database)
    {
        Database = database;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = database }.ToString();
    }

    public string Database { get; }

    public string ConnectionString { get; }

    public override IArchiveIndex Index => Postgres;

    public PostgresArchiveIndex Postgres { get; private set; } = null!;

    /// <summary>Leaves a class out of the inner loop.</summary>
    public static void SkipInFast() => Assert.SkipWhen(Corpus.IsFast, "Not in the inner loop: the contract's other tests speak to PostgreSQL there.");

    /// <summary>An index in a new database, or a skipped test where there is no server.</summary>
    public static async Task<PostgresHarness> OpenAsync(Func<PostgresIndexOptions, PostgresIndexOptions>? change = null)
    {
        var server = await ServerAsync();
        if (!Idle.TryTake(out var name))
        {
            name = $"vna_{Guid.NewGuid():N}";
            await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE {await Template.Value}");
        }
        var harness = new PostgresHarness(server, name);
        harness.Postgres = await harness.ConnectAsync(change);
        return harness;
    }

    /// <summary>Drops the databases of tests that are done; a server that was given stays as it was.</summary>
    public static async Task DropAllAsync()
    {
        if (!Template.IsValueCreated || Template.Value.IsFaulted)
        {
            return;
        }
        foreach (var name in Idle.Append(await Template.Value))
        {
            await ExecuteAsync(await ServerAsync(), $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    /// <summary>Another index on the same database, as another server opens it.</summary>
    public Task<PostgresArchiveIndex> ConnectAsync(Func<PostgresIndexOptions, PostgresIndexOptions>? change = null)
    {
        var options = new PostgresIndexOptions { ConnectionString = ConnectionString, Clock = Time };
        return PostgresArchiveIndex.OpenAsync(change?.Invoke(options) ?? options, default);
    }

    public static async Task<string> ServerAsync()
    {
        var server = await PostgresServer.SharedAsync();
        Assert.SkipWhen(server is null, PostgresServer.Missing);
        return server.ConnectionString;
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public override async Task<IReadOnlyList<string>> RowsAsync(string sql)
    {
        while (sql.Contains(" change ", StringComparison.Ordinal) && await Postgres.NumberChangesAsync(Sample.Tenant, 1_000, default) > 0) { }
        return await RowsAsync(ConnectionString, sql);
    }

    public static async Task<IReadOnlyList<string>> RowsAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader.GetValue(i)))));
        }
        return rows;
    }

    public override Task RunAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    // A number waits for every older transaction of the server, those of other tests in other databases too.
    public override async Task SettleAsync()
    {
        while (await HasUnnumberedAsync())
        {
            await Upkeep.ChangesAsync(Sample.Tenant, null, 1_000, default);
        }
    }

    public async Task<bool> HasUnnumberedAsync() => (await RowsAsync(ConnectionString, "SELECT 1 FROM change WHERE seq IS NULL LIMIT 1")).Count > 0;

    public override async ValueTask DisposeAsync()
    {
        await Postgres.DisposeAsync();
        await ExecuteAsync(ConnectionString, Empty);
        Idle.Add(Database);
    }

    private const string Empty = """
        DELETE FROM tenant_count; DELETE FROM patient; DELETE FROM study; DELETE FROM study_modality; DELETE FROM study_word; DELETE FROM series;
        DELETE FROM series_request; DELETE FROM attribute_set; DELETE FROM instance; DELETE FROM deleted_instance; DELETE FROM pack;
        DELETE FROM ingest_batch; DELETE FROM change; DELETE FROM outbox; DELETE FROM lease; DELETE FROM retired_pack; DELETE FROM quarantine;
        DELETE FROM touched_study; DELETE FROM mirror; DELETE FROM last_decision; UPDATE change_head SET last_seq = 0;
        UPDATE archive SET rebuilding = false, clean_epoch = 0; DELETE FROM share_link; DELETE FROM protection_key;
        ALTER TABLE access_record DISABLE TRIGGER access_record_kept; DELETE FROM access_record; ALTER TABLE access_record ENABLE TRIGGER access_record_kept;
        """;

    private static async Task<string> MakeTemplateAsync()
    {
        var server = await ServerAsync();
        var name = $"vna_template_{Guid.NewGuid():N}";
        await ExecuteAsync(server, $"CREATE DATABASE {name}");
        var options = new PostgresIndexOptions { ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString() };
        await PostgresArchiveIndex.MigrateAsync(options, default);
        return name;
    }

    private static string Text(object value) => value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
