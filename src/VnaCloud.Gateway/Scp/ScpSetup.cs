using VnaCloud.DicomWeb;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Hosting;
using VnaCloud.Gateway.Remotes;
using VnaCloud.Gateway.Scp.Commitment;
using VnaCloud.Gateway.Scp.Retrieve;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Scp;

internal static class ScpSetup
{
    /// <summary>The DIMSE side. It starts after the spool and stops before it.</summary>
    public static void AddScp(this IServiceCollection services, GatewayOptions options)
    {
        var dimse = options.Dimse;
        services.AddSingleton(dimse);
        services.AddSingleton(new RemoteAes(options.RemoteAes, System.Net.IPAddress.Parse(dimse.Address)));
        // Connections of its own: a query must not wait behind uploads.
        services.AddSingleton(provider => new DicomWebClient(options.Archive.Service(provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton(provider => new Destinations(options.AeTitle, dimse.Tls.Certificate(), dimse.Tls.Authorities(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => new CommitmentLog(options.Spool.Path));
        services.AddSingleton<CommitmentJudge>();
        services.AddSingleton<ReportSender>();
        services.AddSingleton<CommitmentReporter>();
        services.AddSingleton<TargetFinder>();
        services.AddSingleton<InstanceFetcher>();
        services.AddSingleton<StoreService>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<FindService>(provider, options.AeTitle));
        services.AddSingleton<MoveService>();
        services.AddSingleton<GetService>();
        services.AddSingleton<CommitmentService>();
        services.AddSingleton<AssociationServices>();
        services.AddSingleton(provider => new AssociationGate(
            options.AeTitle, provider.GetRequiredService<RemoteAes>(), () => provider.GetRequiredService<ObjectSpool>().NotReady is not null, provider.GetRequiredService<AssociationServices>().Of));
        services.AddSingleton<ScpMeter>();
        services.AddSingleton<AssociationTraces>();
        services.AddSingleton<RefusalLog>();
        services.AddSingleton<PortEvents>();
        services.AddSingleton<DimsePort>();
        services.AddHostedService(provider => provider.GetRequiredService<CommitmentReporter>());
        services.AddHostedService(provider => provider.GetRequiredService<DimsePort>());
    }
}
