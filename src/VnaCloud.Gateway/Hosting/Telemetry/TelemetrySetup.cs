using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace VnaCloud.Gateway.Hosting.Telemetry;

internal static class TelemetrySetup
{
    private const string ServiceName = "vnacloud-gateway";

    /// <summary>Traces, metrics and logs by OTLP, as the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT, ...) say; without them nothing listens (docs/telemetry.md).</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var signals = TelemetrySignals.Of(builder.Configuration);
        if (!signals.Any)
        {
            return;
        }
        // The first hosted service is the last that is stopped: what the others do while they stop is still told.
        builder.Services.AddHostedService<TelemetryService>();
        var telemetry = new Builder(builder.Services);
        telemetry.ConfigureResource(Describe);
        if (signals.Traces)
        {
            // Else the framework's spans are empty. SpanRedaction says what of it is sent.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            builder.Services.AddSingleton<IStartupFilter, RequestSpan>();
            telemetry.WithTracing(tracing => tracing
                .AddSource(FrameworkSources.Server, FrameworkSources.Client, "VnaCloud.*")
                .AddProcessor(new SpanRedaction()));
        }
        if (signals.Metrics)
        {
            telemetry.WithMetrics(metrics => metrics.AddMeter(
                "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "VnaCloud.*"));
        }
        if (signals.Logs)
        {
            telemetry.WithLogging(null, logs => (logs.IncludeFormattedMessage, logs.IncludeScopes) = (true, false));
        }
        telemetry.UseOtlpExporter();
    }

    // What the environment says (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) comes last, and so wins.
    private static void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddService(ServiceName, serviceVersion: typeof(TelemetrySetup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private sealed record Builder(IServiceCollection Services) : IOpenTelemetryBuilder;
}
