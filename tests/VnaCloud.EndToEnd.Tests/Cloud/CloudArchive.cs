using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Cloud;

/// <summary>An archive on PostgreSQL and Ceph, looked at and maintained past its servers.</summary>
internal sealed class CloudArchive(S3Server ceph, PostgresServer postgres, string bucket, string database)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public S3Server Ceph => ceph;

    public int DatabasePort => postgres.Port;

    public string Bucket => bucket;

    /// <summary>Connection string.</summary>
    public string Database => database;

    /// <summary>Arguments of a server.</summary>
    public string[] Arguments(int connections) =>
        [.. ceph.Arguments(bucket), "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={database};Maximum Pool Size={connections}"];

    /// <summary>The only value of a query on the index.</summary>
    public async Task<long> NumberAsync(string query)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(query, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Keys of the packs that the index knows, in their order.</summary>
    public async Task<List<string>> PacksAsync()
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT object_key FROM pack", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new List<string>();
        while (await reader.ReadAsync())
        {
            keys.Add(reader.GetString(0));
        }
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    /// <summary>Collects as it will be done that much later, until nothing more is deleted.</summary>
    /// <returns>Packs deleted, instances taken in, unfinished uploads aborted.</returns>
    public async Task<(long Deleted, long Adopted, int Aborted)> CollectAsync(TimeSpan later)
    {
        var clock = new LaterTime(later);
        // The bucket's own clock stays: the probe compares it with ours. Only the age of unfinished uploads is held against the later one.
        using var storage = ObjectStorage.Open(Options, TimeProvider.System);
        using var laterStorage = ObjectStorage.Open(Options, clock);
        Assert.Null(await storage.ProbeAsync(CancellationToken.None));
        await using var index = await PostgresArchiveIndex.OpenAsync(new PostgresIndexOptions { ConnectionString = database, Clock = clock }, CancellationToken.None);
        var tenant = (await index.StateAsync(CancellationToken.None)).TenantKey;
        using var journal = new JournalWriter(storage.Store, index, tenant, clock);
        var parts = new UpkeepArchive(storage.Store, index, index, journal, tenant, clock, new UpkeepOptions { BytesPerSecond = 0 });
        using var limit = new CancellationTokenSource(Patience);
        var (deleted, adopted) = (0L, 0L);
        UpkeepReport report;
        do
        {
            // One run deletes a share only.
            report = await new Collector(parts).RunAsync(static _ => { }, limit.Token);
            Assert.Null(report.Off);
            Assert.Empty(report.Findings);
            (deleted, adopted) = (deleted + report.Deleted, adopted + report.Adopted);
        }
        while (report.Deleted > 0);
        return (deleted, adopted, await laterStorage.Buckets[0].AbortAbandonedAsync(limit.Token));
    }

    private ObjectStorageOptions Options => new()
    {
        S3 = new S3StoreOptions { Endpoint = ceph.Endpoint.GetLeftPart(UriPartial.Authority), Bucket = bucket, Credentials = () => new S3Credentials(ceph.AccessKey, ceph.SecretKey) },
    };

    private sealed class LaterTime(TimeSpan later) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + later;
    }
}
