using VnaCloud.Server.Access;
using VnaCloud.Server.Audit;
using VnaCloud.Server.Changes;
using VnaCloud.Server.Commitment;
using VnaCloud.Server.Delete;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Hosting.Telemetry;
using VnaCloud.Server.Http;
using VnaCloud.Server.Maintenance;
using VnaCloud.Server.Page;
using VnaCloud.Server.Qido;
using VnaCloud.Server.Sharing;
using VnaCloud.Server.SignIn;
using VnaCloud.Server.Statistics;
using VnaCloud.Server.Stow;
using VnaCloud.Server.Viewer;
using VnaCloud.Server.Wado;

return await ServerProcess.RunAsync(() => VnaServer.Build(args), Console.Error);

/// <summary>The server's table of contents: an AddX and a MapX line for each slice.</summary>
internal static class VnaServer
{
    /// <param name="args">As on the command line.</param>
    /// <param name="configure">Last word on the services, for a host that embeds the server.</param>
    /// <param name="onlyArguments">Settings of files and of the environment do not count.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null, bool onlyArguments = false)
    {
        // Settings are read once. Watching their files means watching the whole working folder, which as a rule holds the data.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        if (onlyArguments)
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddCommandLine(args);
        }
        var options = builder.AddVnaOptions();

        builder.UseDefaultAddress();
        builder.AddKestrelLimits(options.Limits);
        builder.AddStructuredLogs();
        builder.AddTelemetry();
        builder.Services.AddVnaCors(options.Cors);
        builder.Services.AddTextCompression();
        builder.Services.AddApiDescription();
        builder.Services.AddArchive();
        builder.Services.AddHostedService<ServerFile>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<BaseUrl>();
        builder.Services.AddCodecs(options.Codecs);
        builder.Services.AddAccess(options.Auth);
        builder.Services.AddSignIn(options.Auth);
        builder.Services.AddSharing();
        builder.Services.AddStow();
        builder.Services.AddQido();
        builder.Services.AddWado();
        builder.Services.AddDelete();
        builder.Services.AddChanges();
        builder.Services.AddCommitment();
        builder.Services.AddStatistics();
        builder.Services.AddViewer(options.Viewer);
        builder.Services.AddMaintenance(options.Maintenance);
        builder.Services.AddRehearsal();
        builder.Services.AddHostedService<NativeHeap>();

        configure?.Invoke(builder);
        var app = builder.Build();

        app.UseMiddleware<AnswerHeaders>();
        app.UseMiddleware<RequestLog>();
        app.UseKnownProxies(options.ForwardedHeaders);
        app.UseRouting();
        app.UseCors();
        app.UseTextCompression();
        app.UseMiddleware<ErrorAnswers>();
        app.UseMiddleware<HostGuard>();
        app.UseAccess();
        app.UseReadyArchive();

        app.MapHealth();
        app.MapCapabilities();
        app.MapSignIn(options.Auth);
        app.MapSharing();
        app.MapAudit();
        app.MapStow();
        app.MapQido();
        app.MapWado();
        app.MapDelete();
        app.MapChanges();
        app.MapCommitment();
        app.MapStatistics();
        app.MapPage();
        app.MapViewer();

        return app;
    }
}
