namespace VnaCloud.Server.Hosting.Telemetry;

/// <summary>What is exported: what the standard variables of OpenTelemetry name an endpoint for. They may stand wherever other settings may.</summary>
/// <param name="Traces">Spans are recorded and sent.</param>
/// <param name="Metrics">Meters are read and sent.</param>
/// <param name="Logs">Log records are sent, beside the lines that are written anyway.</param>
internal sealed record TelemetrySignals(bool Traces, bool Metrics, bool Logs)
{
    public bool Any => Traces || Metrics || Logs;

    public static TelemetrySignals Of(IConfiguration configuration)
    {
        var isDisabled = string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        return new(IsOn("TRACES"), IsOn("METRICS"), IsOn("LOGS"));

        bool IsOn(string signal) => !isDisabled && configuration[$"OTEL_{signal}_EXPORTER"] is null or "" or "otlp"
            && (IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));

        bool IsSet(string name) => !string.IsNullOrWhiteSpace(configuration[name]);
    }
}
