using Microsoft.Extensions.Diagnostics.HealthChecks;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Hosting;

/// <summary>Whether objects are taken. An archive that cannot be reached does not make the gateway unready: taking objects meanwhile is what it is for.</summary>
internal sealed class SpoolHealth(ObjectSpool spool) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(spool.NotReady is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
}
