using VnaCloud.Archive.Tests.Simulation;
using VnaCloud.TestKit;

[assembly: AssemblyFixture(typeof(PostgresShutdown))]

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>Stops the shared server when all tests are done.</summary>
public sealed class PostgresShutdown : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await PostgresSimulatedIndex.DropTemplateAsync();
        await PostgresServer.StopSharedAsync();
    }
}
