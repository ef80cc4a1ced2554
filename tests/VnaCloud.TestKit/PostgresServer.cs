using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Npgsql;

namespace VnaCloud.TestKit;

/// <summary>
/// A real PostgreSQL server for tests: the one that VNA_TEST_POSTGRES names, or one of our own on a free loopback port, started when the
/// first test asks and stopped with <see cref="DisposeAsync"/>, or when this process ends, however it does.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer?>> One = new(() => StartAsync(replicas: 0, durable: false));
    private readonly string? _folder;

    private PostgresServer(string connectionString, string? folder, int port) => (ConnectionString, _folder, Port) = (connectionString, folder, port);

    /// <summary>Why there is no server, for skipped tests.</summary>
    public const string Missing = "PostgreSQL is not installed (Debian: postgresql), and VNA_TEST_POSTGRES names no server.";

    /// <summary>To the server's first database, as a user that may make others.</summary>
    public string ConnectionString { get; }

    /// <summary>Port of our own server; replicas follow it.</summary>
    public int Port { get; }

    /// <summary>Where our own server keeps everything.</summary>
    public string Folder => _folder ?? throw new InvalidOperationException("Not our own server.");

    /// <summary>The server that all tests of an assembly share; null when there is none.</summary>
    public static Task<PostgresServer?> SharedAsync() => One.Value;

    /// <summary>Stops the shared server, if a test has started it.</summary>
    public static async Task StopSharedAsync()
    {
        if (One.IsValueCreated && await One.Value is { } server)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>A server of its own for one test; null when PostgreSQL is not installed.</summary>
    public static async Task<PostgresServer?> StartAsync(int replicas, bool durable)
    {
        if (replicas == 0 && !durable && Environment.GetEnvironmentVariable("VNA_TEST_POSTGRES") is { Length: > 0 } given)
        {
            return new PostgresServer(given, null, 0);
        }
        if (!IsInstalled())
        {
            return null;
        }
        var folder = Path.Combine(Path.GetTempPath(), $"vna-postgres-{Guid.NewGuid():N}");
        var port = FreePorts.TakeRange(replicas + 1);
        await RunAsync(durable, "start", folder, port.ToString(), replicas.ToString());
        return new PostgresServer($"Host=127.0.0.1;Port={port};Username=app;Database=postgres", folder, port);
    }

    /// <summary>Makes a new database, empty or a copy of another, and gives its connection string.</summary>
    /// <param name="template">Connection string of the one to copy, to which nobody is connected.</param>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = $"vna_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        // Files are copied in half the time that pages take through the log; servers before 15 know no other way.
        var strategy = connection.PostgreSqlVersion.Major < 15 ? "" : " STRATEGY FILE_COPY";
        var copy = template is null ? "" : $" TEMPLATE {new NpgsqlConnectionStringBuilder(template).Database}{strategy}";
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}{copy}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>A connection string's database on our own server and its first replica: whichever of the two takes writes.</summary>
    public string OnEither(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = $"127.0.0.1:{Port},127.0.0.1:{Port + 1}", TargetSessionAttributes = "read-write" }.ToString();

    /// <summary>A connection string's database on the first replica.</summary>
    public string OnReplica(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Port = Port + 1 }.ToString();

    /// <summary>Runs one statement and gives its first value.</summary>
    public static async Task<object?> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static async Task WaitAsync(string connectionString, string question, TimeSpan atMost)
    {
        for (var watch = Stopwatch.StartNew(); await AskAsync(connectionString, question) is not true; await Task.Delay(20))
        {
            if (watch.Elapsed > atMost)
            {
                throw new TimeoutException($"Not so after {atMost.TotalSeconds} s: {question}");
            }
        }
    }

    /// <summary>Runs an action of tests/servers/postgres.sh on our own server.</summary>
    public Task RunAsync(string action) => RunAsync(false, action, Folder);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await RunAsync(false, "destroy", _folder);
        }
    }

    private static bool IsInstalled() => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(static folder => File.Exists(Path.Combine(folder, "pg_ctl")))
        || (Directory.Exists("/usr/lib/postgresql") && Directory.GetFiles("/usr/lib/postgresql", "pg_ctl", SearchOption.AllDirectories).Length > 0);

    private static async Task RunAsync(bool durable, params string[] arguments)
    {
        var start = new ProcessStartInfo(Script(), arguments) { RedirectStandardError = true };
        start.Environment["PG_DURABLE"] = durable ? "1" : "0";
        start.Environment["OWNER_PID"] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        // The servers that the script leaves behind keep its streams open: they are not read to their end.
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"postgres.sh {string.Join(' ', arguments)}: {await process.StandardError.ReadLineAsync()}");
        }
    }

    private static string Script([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../servers/postgres.sh"));
}
