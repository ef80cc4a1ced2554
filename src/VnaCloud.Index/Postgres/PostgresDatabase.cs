using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Migrations;

namespace VnaCloud.Index.Postgres;

/// <summary>The connections, and the way in: schema, identity, clock of versions.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private const string Identify = "INSERT INTO archive VALUES (1, $1, $2, false) ON CONFLICT DO NOTHING";

    private const string AddTenant = "INSERT INTO tenant VALUES ($1, $2, 'default') ON CONFLICT DO NOTHING";

    // Versions come from a counter that is set to the clock now and then, and so outrun what an older backup of this database gave out.
    private const string SetVersion = """
        SELECT setval('content_version', us) FROM content_version, LATERAL (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS clock (us)
        WHERE last_value < us - 1000000
        """;

    private PostgresDatabase(NpgsqlDataSource primary, NpgsqlDataSource? replica) => (Primary, Replica) = (primary, replica);

    public NpgsqlDataSource Primary { get; }

    public NpgsqlDataSource? Replica { get; }

    public static async Task<PostgresDatabase> OpenAsync(PostgresIndexOptions options, CancellationToken cancellation)
    {
        PostgresDatabase? database = null;
        try
        {
            database = new PostgresDatabase(PostgresConnections.Primary(options), PostgresConnections.Replica(options));
            await database.PrepareAsync(options, cancellation);
            return database;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (database is not null)
            {
                await database.DisposeAsync();
            }
            throw error switch
            {
                IndexOpenException or IndexUnavailableException => error,
                ArgumentException => new IndexOpenException($"The index's connection string cannot be read: {error.Message}", error),
                _ when PostgresErrors.Of(error) != Trouble.None => PostgresErrors.Unavailable(error),
                _ => new IndexOpenException($"The index's database cannot be used: {(error as PostgresException)?.MessageText ?? error.Message}", error),
            };
        }
    }

    /// <summary>Makes or upgrades the schema, whatever the options say of opening.</summary>
    public static async Task MigrateAsync(PostgresIndexOptions options, CancellationToken cancellation) =>
        await (await OpenAsync(options with { AutoMigrate = true, ReadOnly = false }, cancellation)).DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await Primary.DisposeAsync();
        if (Replica is not null)
        {
            await Replica.DisposeAsync();
        }
    }

    private async Task PrepareAsync(PostgresIndexOptions options, CancellationToken cancellation)
    {
        await using var connection = await Primary.OpenConnectionAsync(cancellation);
        await SchemaUpgrade.RunAsync(connection, options, cancellation);
        if (options.ReadOnly)
        {
            return;
        }
        await using (var takeover = new NpgsqlBatch(connection))
        {
            Takeover.AddEnter(takeover);
            await takeover.ExecuteNonQueryAsync(cancellation);
        }
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Identify, Batches.Value(options.ArchiveId ?? Schema.NewKey()), Batches.Value(options.Time.GetUtcNow().ToUnixTimeSeconds()));
        batch.Add(AddTenant, Batches.Value(TenantId.Default.Value), Batches.Value(options.TenantKey ?? Schema.NewKey()));
        batch.Add("INSERT INTO change_head VALUES ($1, 0) ON CONFLICT DO NOTHING", Batches.Value(TenantId.Default.Value));
        batch.Add(SetVersion);
        await batch.ExecuteNonQueryAsync(cancellation);
    }
}
