using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VnaCloud.Index.Postgres;

/// <summary>Brings the schema up to this version. Many servers may start at once: one does it, the others wait.</summary>
internal static class SchemaUpgrade
{
    /// <summary>
    /// All migrations, oldest first, their ids in bytewise order. An index with any other is newer than this program, which may work on it as
    /// long as it knows the last one that the index asks for: servers of two versions work beside each other while they are exchanged.
    /// </summary>
    private static readonly IReadOnlyList<string> Migrations = 
        [Postgres.Migrations.P0001Initial.Id, Postgres.Migrations.P0002Takeover.Id, Postgres.Migrations.P0003Access.Id];

    public static async Task RunAsync(NpgsqlConnection connection, PostgresIndexOptions options, CancellationToken cancellation)
    {
        if (await IsCurrentAsync(connection, cancellation))
        {
            return;
        }
        if (options.ReadOnly || !options.AutoMigrate)
        {
            throw new IndexOpenException("The index's database has no schema, or an older one. Run 'vna migrate-schema'.");
        }
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({PostgresLocks.Migrating})", cancellation);
        try
        {
            if (!await IsCurrentAsync(connection, cancellation))
            {
                await using var db = new PostgresIndexDb(PostgresIndexDb.Options(connection));
                await db.Database.MigrateAsync(cancellation);
            }
        }
        finally
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({PostgresLocks.Migrating})", CancellationToken.None);
        }
    }

    private static async Task<bool> IsCurrentAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = await AppliedAsync(connection, cancellation);
        if (applied.Find(static id => !Migrations.Contains(id)) is { } newer)
        {
            var minimum = await MinimumAsync(connection, cancellation);
            if (minimum is null || string.CompareOrdinal(minimum, Migrations[^1]) > 0)
            {
                throw new IndexOpenException($"The index's database was written by a newer version (schema {newer}, for versions that know "
                    + $"{minimum ?? newer}; this version knows {Migrations[^1]}). Use that version or a newer one.");
            }
        }
        return Migrations.All(applied.Contains);
    }

    // Null where nothing is said: nobody can tell.
    private static async Task<string?> MinimumAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (!await ExistsAsync(connection, "schema_compatibility", cancellation))
        {
            return null;
        }
        await using var command = new NpgsqlCommand("SELECT minimum FROM schema_compatibility", connection);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string table, CancellationToken cancellation)
    {
        await using var exists = new NpgsqlCommand($"SELECT to_regclass('\"{table}\"') IS NOT NULL", connection);
        return await exists.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task<List<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = new List<string>();
        if (!await ExistsAsync(connection, "__EFMigrationsHistory", cancellation))
        {
            return applied;
        }
        await using var command = new NpgsqlCommand("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            applied.Add(reader.GetString(0));
        }
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
