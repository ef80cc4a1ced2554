using VnaCloud.Index;
using VnaCloud.Server.Tests.Hosting;
using VnaCloud.Server.Tests.Qido;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

[assembly: AssemblyFixture(typeof(StackFixture))]

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>Stops the servers that tests lent each other, PostgreSQL, Ceph and nginx when all tests are done.</summary>
public sealed class StackFixture : IAsyncDisposable
{
    public StackFixture() =>
        Stack.Migrate = static database => PostgresArchiveIndex.MigrateAsync(new PostgresIndexOptions { ConnectionString = database }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await WireServer.StopIdleAsync();
        await QidoServer.StopIdleAsync();
        await Stack.StopAsync();
    }
}
