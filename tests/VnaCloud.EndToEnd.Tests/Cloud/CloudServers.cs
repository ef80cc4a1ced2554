using VnaCloud.EndToEnd.Tests.Cloud;
using VnaCloud.TestKit;

[assembly: AssemblyFixture(typeof(CloudServers))]

namespace VnaCloud.EndToEnd.Tests.Cloud;

/// <summary>A durable PostgreSQL and Ceph, started by the first test that needs them and stopped after the last.</summary>
public sealed class CloudServers : IAsyncDisposable
{
    private readonly Lazy<Task<S3Server>> _ceph = new(S3Server.StartCephAsync);
    private readonly Lazy<Task<PostgresServer?>> _postgres = new(static () => PostgresServer.StartAsync(0, durable: true));

    /// <summary>A new bucket and a new database, or a skipped test where one of the two servers cannot be had.</summary>
    internal async Task<CloudArchive> NewArchiveAsync()
    {
        Assert.SkipWhen(S3Server.NoCeph is not null, S3Server.NoCeph ?? "");
        var (starting, postgres) = (_ceph.Value, await _postgres.Value);
        var ceph = await starting;
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        return new CloudArchive(ceph, postgres, await ceph.CreateBucketAsync(), await postgres.CreateDatabaseAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_ceph.IsValueCreated)
        {
            await (await _ceph.Value).DisposeAsync();
        }
        if (_postgres.IsValueCreated && await _postgres.Value is { } postgres)
        {
            await postgres.DisposeAsync();
        }
    }
}
