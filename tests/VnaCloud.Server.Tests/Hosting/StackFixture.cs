using VnaCloud.Index;
using VnaCloud.Server.Tests.Hosting;
using VnaCloud.TestKit;

[assembly: AssemblyFixture(typeof(StackFixture))]

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>Stops PostgreSQL, Ceph and nginx when all tests are done.</summary>
public sealed class StackFixture : IAsyncDisposable
{
    public StackFixture() =>
        Stack.Migrate = static database => PostgresArchiveIndex.MigrateAsync(new PostgresIndexOptions { ConnectionString = database }, CancellationToken.None);

    public ValueTask DisposeAsync() => new(Stack.StopAsync());
}
