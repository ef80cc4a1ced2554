using Npgsql;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Index;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>A database of a real PostgreSQL; backups are databases made from it.</summary>
internal sealed class PostgresSimulatedIndex : ISimulatedIndex
{
    private static readonly Lazy<Task<string?>> Template = new(MakeTemplateAsync);

    private readonly string _server, _name = $"vna_{Guid.NewGuid():N}";
    private readonly RisingTime _time;
    private bool _hasBackup;

    private PostgresSimulatedIndex(string server, RisingTime time) => (_server, _time) = (server, time);

    public IRebuildableIndex Index { get; private set; } = null!;

    private string Backup => $"{_name}_backup";

    private PostgresIndexOptions Options => OptionsOf(_server, _name, _time);

    /// <summary>Null where PostgreSQL is not installed.</summary>
    public static async Task<PostgresSimulatedIndex?> OpenAsync(RisingTime time)
    {
        if (await Template.Value is not { } template)
        {
            return null;
        }
        var index = new PostgresSimulatedIndex((await PostgresServer.SharedAsync())!.ConnectionString, time);
        await ExecuteAsync(index._server, $"CREATE DATABASE {index._name} TEMPLATE {template}");
        index.Index = await PostgresArchiveIndex.OpenAsync(index.Options, default);
        return index;
    }

    /// <summary>A server that was given stays as it was.</summary>
    public static async Task DropTemplateAsync()
    {
        if (Template.IsValueCreated && await Template.Value is { } template)
        {
            await ExecuteAsync((await PostgresServer.SharedAsync())!.ConnectionString, $"DROP DATABASE {template}");
        }
    }

    public async Task ReopenAsync()
    {
        await Index.DisposeAsync();
        Index = await PostgresArchiveIndex.OpenAsync(Options, default);
    }

    public async Task BackupAsync()
    {
        await Index.DisposeAsync();
        await ExecuteAsync(_server, $"DROP DATABASE IF EXISTS {Backup} WITH (FORCE)", $"CREATE DATABASE {Backup} TEMPLATE {_name}");
        _hasBackup = true;
        Index = await PostgresArchiveIndex.OpenAsync(Options, default);
    }

    public async Task<bool> RestoreAsync()
    {
        if (!_hasBackup)
        {
            return false;
        }
        await Index.DisposeAsync();
        await ExecuteAsync(_server, $"DROP DATABASE {_name} WITH (FORCE)", $"CREATE DATABASE {_name} TEMPLATE {Backup}");
        Index = await PostgresArchiveIndex.OpenAsync(Options, default);
        return true;
    }

    public async Task<ReindexReport?> RebuildAsync(Rebuild rebuild)
    {
        try
        {
            return await RebuildInPlaceAsync(rebuild);
        }
        catch (Exception) when (rebuild.Faults.Injected > 0)
        {
            // Nobody may use it before it is done: it is run again, and goes on with what is there.
            rebuild.Faults.Revive();
            return await RebuildInPlaceAsync(rebuild);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync();
        await ExecuteAsync(_server, $"DROP DATABASE {_name} WITH (FORCE)", $"DROP DATABASE IF EXISTS {Backup} WITH (FORCE)");
    }

    private async Task<ReindexReport> RebuildInPlaceAsync(Rebuild rebuild)
    {
        await using var running = await PostgresRebuild.BeginAsync(Options, new ArchiveIdentity(1, Rebuild.ArchiveId, Rebuild.TenantKey), default);
        await rebuild.FlushAsync(new FaultyIndex(() => running.Index, rebuild.Faults));
        var report = await rebuild.FillAsync(running.Index);
        if (report.DamagedCount > 0)
        {
            throw new IOException("A pack could not be read.");
        }
        await running.CompleteAsync(default);
        await rebuild.FlushAsync(new FaultyIndex(() => running.Index, rebuild.Faults));
        return report;
    }

    private static PostgresIndexOptions OptionsOf(string server, string database, RisingTime time) => new()
    {
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = database }.ToString(),
        Clock = time,
        MaxConnections = 4,
        ArchiveId = Rebuild.ArchiveId,
        TenantKey = Rebuild.TenantKey,
    };

    private static async Task<string?> MakeTemplateAsync()
    {
        if (await PostgresServer.SharedAsync() is not { } server)
        {
            return null;
        }
        var name = $"vna_simulation_{Guid.NewGuid():N}";
        await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE {name}");
        await (await PostgresArchiveIndex.OpenAsync(OptionsOf(server.ConnectionString, name, new RisingTime(Rebuild.Start)), default)).DisposeAsync();
        return name;
    }

    private static async Task ExecuteAsync(string server, params string[] statements)
    {
        await using var connection = new NpgsqlConnection(server + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
