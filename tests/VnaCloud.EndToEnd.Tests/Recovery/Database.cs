using System.Diagnostics;
using System.Globalization;
using Npgsql;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>A database that a test drops, copies, restores, holds up, and whose clock it sets.</summary>
internal sealed class Database(PostgresServer server, string name)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string ConnectionString { get; } =
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name, MaxPoolSize = 16 }.ToString();

    public static async Task<Database> CreateAsync(PostgresServer server) =>
        new(server, new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()).Database!);

    /// <summary>An empty one beside it.</summary>
    public Task<Database> AnotherAsync() => CreateAsync(server);

    /// <summary>Gone, and an empty one of the same name in its place.</summary>
    public async Task DropAsync()
    {
        await RunAsync(server.ConnectionString, $"DROP DATABASE {name} WITH (FORCE)");
        await RunAsync(server.ConnectionString, $"CREATE DATABASE {name}");
    }

    /// <summary>pg_dump, beside whoever works on it.</summary>
    public Task DumpAsync(string file) => ToolAsync("pg_dump", "--format=custom", $"--file={file}", name);

    /// <summary>pg_restore into the empty database.</summary>
    public Task RestoreAsync(string file) => ToolAsync("pg_restore", $"--dbname={name}", "--exit-on-error", file);

    /// <summary>Sessions that begin from now on see a clock that is so far ahead: what is stored has become older.</summary>
    public async Task SetClockAheadAsync(TimeSpan by)
    {
        var interval = string.Create(CultureInfo.InvariantCulture, $"interval '{(long)by.TotalSeconds} seconds'");
        await ExecuteAsync($"""
            CREATE SCHEMA IF NOT EXISTS later;
            CREATE OR REPLACE FUNCTION later.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS $$ SELECT pg_catalog.clock_timestamp() + {interval} $$;
            CREATE OR REPLACE FUNCTION later.now() RETURNS timestamptz STABLE LANGUAGE sql AS $$ SELECT pg_catalog.now() + {interval} $$;
            ALTER DATABASE {name} SET search_path = later, pg_catalog, public
            """);
    }

    public Task ResetClockAsync() => ExecuteAsync($"ALTER DATABASE {name} RESET search_path; DROP SCHEMA later CASCADE");

    /// <summary>Whoever writes to a table that has rows already is held up there, in its transaction.</summary>
    public Task HoldAsync(string table) => ExecuteAsync($"""
        CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT 1 FROM public.{table}) THEN PERFORM pg_sleep(60); END IF; RETURN NULL; END $$;
        CREATE TRIGGER hold BEFORE INSERT ON public.{table} FOR EACH STATEMENT EXECUTE FUNCTION public.hold()
        """);

    /// <summary>Returns when somebody is held up.</summary>
    public async Task WaitForHeldAsync()
    {
        var waited = Stopwatch.StartNew();
        while (await CountAsync("pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == 0)
        {
            Assert.True(waited.Elapsed < Patience, "Nobody came to write.");
            await Task.Delay(20);
        }
    }

    /// <summary>Ends the sessions of the dead, whose transactions would go on by themselves, and lets others through.</summary>
    public Task ReleaseAsync() => ExecuteAsync("""
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
        DROP FUNCTION public.hold() CASCADE
        """);

    public async Task<long> CountAsync(string from)
    {
        await using var connection = await OpenAsync(ConnectionString);
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {from}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private Task ExecuteAsync(string sql) => RunAsync(ConnectionString, sql);

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    private async Task ToolAsync(string tool, params string[] arguments)
    {
        // Those of the server's version; the distribution's wrappers look for a cluster of its own.
        var program = Directory.Exists("/usr/lib/postgresql") ? Directory.GetFiles("/usr/lib/postgresql", tool, SearchOption.AllDirectories).Order().LastOrDefault() ?? tool : tool;
        var place = new NpgsqlConnectionStringBuilder(ConnectionString);
        await Command.RequireAsync(program, [$"--host={place.Host}", string.Create(CultureInfo.InvariantCulture, $"--port={place.Port}"), $"--username={place.Username}", .. arguments]);
    }
}
