using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace VnaCloud.Cli.Doctor;

/// <summary>PostgreSQL: reached, fast, durable, set up for what the servers need.</summary>
internal static class DatabaseCheck
{
    private const string Area = "database";
    private const int Rounds = 9;
    private const int OldestVersion = 150000;
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(5);

    private const string Facts = """
        select current_setting('server_version_num')::int, current_setting('server_version'), current_setting('fsync'), current_setting('full_page_writes'),
               current_setting('synchronous_commit'), current_setting('max_connections')::int, pg_is_in_recovery(), has_schema_privilege(current_schema(), 'create'),
               coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false), pg_database_size(current_database()), current_setting('server_encoding')
        """;

    public static async Task RunAsync(Diagnosis diagnosis, string connection, CancellationToken cancellation)
    {
        try
        {
            await using var database = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Timeout = 10, CommandTimeout = 10 }.ConnectionString);
            await database.OpenAsync(cancellation);
            await FactsAsync(diagnosis, database, cancellation);
            await TimeAsync(diagnosis, database, cancellation);
        }
        catch (Exception failure) when (failure is NpgsqlException or ArgumentException or TimeoutException)
        {
            diagnosis.Error(Area, $"PostgreSQL cannot be used: {failure.Message}", "Check Vna:Index:ConnectionString, that this machine reaches the database (psql with the same values), the user's password and pg_hba.conf.");
        }
    }

    private static async Task FactsAsync(Diagnosis diagnosis, NpgsqlConnection database, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Facts, database);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        diagnosis.Judge(row.GetInt32(0) >= OldestVersion, Area, $"PostgreSQL {row.GetString(1)}, {MachineCheck.Text(row.GetInt64(9), "in the database")}", $"PostgreSQL {row.GetString(1)} is older than 15.", "Upgrade it: older ones are not tested, and some not maintained.", Severity.Error);
        diagnosis.Judge(row.GetString(2) == "on" && row.GetString(3) == "on", Area, "fsync and full_page_writes are on", "fsync or full_page_writes is off: what was acknowledged can be lost with power.", "Set both to on in postgresql.conf and restart it.", Severity.Error);
        diagnosis.Judge(row.GetString(4) != "off", Area, $"synchronous_commit is {row.GetString(4)}", "synchronous_commit is off: a crash takes back the last commits.", "Set it to on, for this user at least: alter role ... set synchronous_commit = on. Servers ask for it in each commit; a pooler may not pass that on.");
        diagnosis.Judge(!row.GetBoolean(6), Area, "It is the primary", "It is a replica: nothing can be written.", "Vna:Index:ConnectionString has to name the primary; the replica is Vna:Index:ReplicaConnectionString.", Severity.Error);
        diagnosis.Judge(row.GetBoolean(7), Area, "The user may upgrade the schema", "The user may not make tables in its schema.", "Run 'vna migrate-schema' as one who may, and set Vna:Index:AutoMigrate to false; or grant create on the schema.");
        diagnosis.Judge(row.GetInt32(5) >= 50, Area, $"{row.GetInt32(5)} connections allowed", $"Only {row.GetInt32(5)} connections are allowed.", "Each server takes up to its pool's size (Maximum Pool Size of the connection string, 100 by default): raise max_connections, lower the pools, or use a pooler.");
        diagnosis.Judge(row.GetString(10) == "UTF8", Area, "Its encoding is UTF8", $"Its encoding is {row.GetString(10)}: names in other scripts cannot be stored.", "Make the database anew with encoding UTF8.", Severity.Error);
        var isLocal = database.Host is null or "localhost" or "127.0.0.1" or "::1" || database.Host.StartsWith('/');
        diagnosis.Judge(row.GetBoolean(8) || isLocal, Area, row.GetBoolean(8) ? "The connection is encrypted" : "The connection stays on this machine", "The connection to another machine is not encrypted, and names of patients go over it.", "Add SSL Mode=VerifyFull and the authority's certificate to the connection string.");
    }

    private static async Task TimeAsync(Diagnosis diagnosis, NpgsqlConnection database, CancellationToken cancellation)
    {
        var times = new List<TimeSpan>();
        var skew = TimeSpan.Zero;
        await using var command = new NpgsqlCommand("select clock_timestamp()", database);
        for (var i = 0; i < Rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var there = (DateTime)(await command.ExecuteScalarAsync(cancellation))!;
            var took = Stopwatch.GetElapsedTime(began);
            times.Add(took);
            skew = there - (TimeProvider.System.GetUtcNow().UtcDateTime - (took / 2));
        }
        var median = times.Order().ElementAt(Rounds / 2);
        var text = string.Create(CultureInfo.InvariantCulture, $"A round trip takes {median.TotalMilliseconds:0.00} ms");
        diagnosis.Judge(median < Slow, Area, text, $"{text}.", "A search waits for two of them, an upload for three: keep servers and database in one zone.");
        diagnosis.Judge(skew.Duration() < MostSkew, "clock", "The database's clock agrees with this machine's", string.Create(CultureInfo.InvariantCulture, $"The database's clock is {skew.TotalSeconds:0.0} s off this machine's."), "Set both clocks by NTP.");
    }
}
