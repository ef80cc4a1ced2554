using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>PostgreSQL that keeps what it promised, and Ceph: started once for the tests of recovery.</summary>
public sealed class RecoveryServers : IAsyncLifetime
{
    public const string Name = "Recovery";

    private PostgresServer? _postgres;
    private S3Server? _ceph;

    public async ValueTask InitializeAsync()
    {
        if (S3Server.NoCeph is not null)
        {
            return;
        }
        var ceph = S3Server.StartCephAsync();
        _postgres = await PostgresServer.StartAsync(0, durable: true);
        _ceph = await ceph;
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
        if (_ceph is not null)
        {
            await _ceph.DisposeAsync();
        }
    }

    /// <summary>An archive that is empty yet.</summary>
    internal async Task<CloudArchive> NewArchiveAsync()
    {
        Assert.SkipWhen(S3Server.NoCeph is not null, S3Server.NoCeph ?? "");
        Assert.SkipWhen(_postgres is null, PostgresServer.Missing);
        return new CloudArchive(_ceph!, await _ceph!.CreateBucketAsync(), await Database.CreateAsync(_postgres));
    }
}

[CollectionDefinition(RecoveryServers.Name)]
public sealed class RecoveryCollection : ICollectionFixture<RecoveryServers>;
