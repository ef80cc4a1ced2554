using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VnaCloud.Index.Postgres;

/// <summary>Brings the schema up to this version. Many servers may start at once: one does it, the others wait.</summary>
internal static class SchemaUpgrade
{
    /// <summary>All migrations, oldest first. An index with any other is newer than this program.</summary>
    private static readonly IReadOnlyList<string> Migrations = [Postgres.Migrations.P0001Initial.Id];

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
        return applied.FirstOrDefault(static id => !Migrations.Contains(id)) is not { } newer
            ? applied.Count == Migrations.Count
            : throw new IndexOpenException($"The index's database was written by a newer version (schema {newer}; this version knows "
                + $"{Migrations[^1]}). Use that version or a newer one.");
    }

    private static async Task<List<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = new List<string>();
        await using var exists = new NpgsqlCommand("SELECT to_regclass('\"__EFMigrationsHistory\"') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
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
