using Npgsql;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Maintenance;

/// <summary>The same archive with its index in PostgreSQL.</summary>
public sealed class PostgresReindexTests : IAsyncLifetime
{
    private readonly string _database = $"vna_{Guid.NewGuid():N}";
    private PostgresServer? _server;

    private string Index => new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Database = _database }.ToString();

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(replicas: 0, durable: false);
        Assert.SkipWhen(_server is null, PostgresServer.Missing);
        await ExecuteAsync($"CREATE DATABASE {_database}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await ExecuteAsync($"DROP DATABASE {_database} WITH (FORCE)");
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Reindex_IntoAnEmptyDatabase_IsVerifiedAndUndeletes()
    {
        using var folder = new TestFolder();
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.2"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.3"));
            await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1", seed: 5));
            await archive.DeleteAsync("1.2.3", "1.2.3.1", "1.2.3.1.3");
        }

        await Vna.OkAsync("migrate-schema", "--index", Index);
        var output = await Vna.OkAsync("reindex", "--data", folder.Path, "--index", Index);
        await Vna.OkAsync("verify", "--data", folder.Path, "--index", Index);
        var back = await Vna.OkAsync("undelete", "--data", folder.Path, "--index", Index, "--study", "1.2.3", "--instance", "1.2.3.1.3");
        var again = await Vna.OkAsync("reindex", "--data", folder.Path, "--index", Index);

        Assert.Contains("2 instances live, 1 deleted, 1 void", output, StringComparison.Ordinal);
        Assert.Contains("1 instances are back", back, StringComparison.Ordinal);
        Assert.Contains("3 instances live, 0 deleted", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reindex_ManyPacks_AsksTheDatabaseOnceForMany()
    {
        const int packs = 40;
        using var folder = new TestFolder();
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            for (var pack = 0; pack < packs; pack++)
            {
                await archive.StoreAsync([.. Enumerable.Range(1, 5).Select(i => Instances.Ct($"1.2.{pack}", $"1.2.{pack}.1", $"1.2.{pack}.1.{i}", i))]);
            }
        }
        await Vna.OkAsync("migrate-schema", "--index", Index);
        var place = new NpgsqlConnectionStringBuilder(Index);
        await using var proxy = new PostgresProxy(place.Host!, place.Port);
        (place.Host, place.Port, place.SslMode) = ("127.0.0.1", proxy.Port, SslMode.Disable);

        var output = await Vna.OkAsync("reindex", "--data", folder.Path, "--index", place.ToString());

        Assert.Contains($"{packs} packs read: {5 * packs} instances live", output, StringComparison.Ordinal);
        Assert.Contains("packs/s", output, StringComparison.Ordinal);
        Assert.InRange(proxy.RoundTrips, 1, 5 * packs / 4);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server!.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
