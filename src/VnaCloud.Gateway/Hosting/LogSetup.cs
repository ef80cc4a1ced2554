using Microsoft.Extensions.Configuration.Memory;

namespace VnaCloud.Gateway.Hosting;

internal static class LogSetup
{
    /// <summary>One JSON line per event, for collectors; plain text in development. Levels can be set under <c>Logging</c>.</summary>
    public static void AddStructuredLogs(this WebApplicationBuilder builder)
    {
        // Lowest precedence. A failed start is told by GatewayProcess.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = nameof(LogLevel.Information),
                ["Logging:LogLevel:Microsoft.AspNetCore"] = nameof(LogLevel.Warning),
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = nameof(LogLevel.Critical),
                ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = nameof(LogLevel.Critical),
            },
        });
        builder.Logging.ClearProviders();
        if (builder.Environment.IsDevelopment())
        {
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
            return;
        }
        builder.Logging.AddJsonConsole(console =>
        {
            console.IncludeScopes = false;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            console.JsonWriterOptions = new System.Text.Json.JsonWriterOptions { Indented = false };
        });
    }
}
