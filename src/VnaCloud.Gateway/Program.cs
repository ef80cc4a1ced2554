using VnaCloud.Gateway.Hosting;
using VnaCloud.Gateway.Hosting.Telemetry;
using VnaCloud.Gateway.Scp;
using VnaCloud.Gateway.Status;

return await GatewayProcess.RunAsync(() => VnaGateway.Build(args), Console.Error);

/// <summary>The gateway's table of contents: an AddX and a MapX line for each part.</summary>
internal static class VnaGateway
{
    /// <param name="args">As on the command line.</param>
    /// <param name="configure">Last word on the services, for a host that embeds the gateway.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // Settings are read once; their files are not watched.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        var options = builder.AddGatewayOptions();

        builder.WebHost.UseUrls(options.Http.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.AddStructuredLogs();
        builder.AddTelemetry();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSpool(options);
        builder.Services.AddForwarding(options);
        builder.Services.AddScp(options);

        configure?.Invoke(builder);
        var app = builder.Build();

        app.MapHealth();
        app.MapStatus();

        return app;
    }
}
