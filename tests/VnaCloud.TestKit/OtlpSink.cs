using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;

namespace VnaCloud.TestKit;

/// <summary>A receiver of traces, metrics and logs (tests/servers/otlp) on free loopback ports, for OTLP over gRPC and over HTTP.</summary>
public sealed class OtlpSink : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly HttpClient _http;

    private OtlpSink(Process process, int grpcPort, int httpPort)
    {
        (_process, GrpcUrl, HttpUrl) = (process, $"http://127.0.0.1:{grpcPort}", $"http://127.0.0.1:{httpPort}");
        _http = new HttpClient { BaseAddress = new Uri(HttpUrl), Timeout = Patience };
    }

    public string GrpcUrl { get; }

    public string HttpUrl { get; }

    /// <summary>Settings of a program that exports here by gRPC, each second.</summary>
    public string[] Settings =>
    [
        $"--OTEL_EXPORTER_OTLP_ENDPOINT={GrpcUrl}", "--OTEL_BSP_SCHEDULE_DELAY=200", "--OTEL_BLRP_SCHEDULE_DELAY=200", "--OTEL_METRIC_EXPORT_INTERVAL=1000",
    ];

    /// <summary>Starts it; null, and why, where it cannot run.</summary>
    public static async Task<(OtlpSink? Sink, string? WhyNot)> StartAsync(CancellationToken cancellation)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Here())!, "../servers/otlp");
        if (await NodeScripts.InstallAsync(folder, "@grpc/grpc-js", cancellation) is { } whyNot)
        {
            return (null, whyNot);
        }
        var (grpc, http) = (FreePorts.Take(), FreePorts.Take());
        var sink = new OtlpSink(Process.Start(new ProcessStartInfo("node", ["sink.cjs", $"{grpc}", $"{http}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!, grpc, http);
        sink._process.ErrorDataReceived += static (_, _) => { };
        sink._process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        if (await sink._process.StandardOutput.ReadLineAsync(limit.Token) != "ready")
        {
            await sink.DisposeAsync();
            throw new InvalidOperationException("The receiver of telemetry did not start.");
        }
        return (sink, null);
    }

    /// <summary>All that came so far.</summary>
    public async Task<ReceivedTelemetry> ReceivedAsync(CancellationToken cancellation) => (await _http.GetFromJsonAsync<ReceivedTelemetry>("received", cancellation))!;

    /// <summary>Whether any message had this text in it, anywhere and whatever the case.</summary>
    public async Task<bool> ContainsAsync(string text, CancellationToken cancellation) =>
        await _http.GetStringAsync($"contains?text={Uri.EscapeDataString(text)}", cancellation) == "true";

    /// <summary>Waits until what came is as wanted, half a minute at most.</summary>
    /// <returns>What came; as wanted or not, for the caller to assert.</returns>
    public async Task<ReceivedTelemetry> WaitAsync(Func<ReceivedTelemetry, bool> wanted, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var received = await ReceivedAsync(cancellation);
            if (wanted(received) || Stopwatch.GetElapsedTime(started) > Patience)
            {
                return received;
            }
            await Task.Delay(200, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static string Here([CallerFilePath] string file = "") => file;
}

/// <summary>What a receiver got, flat.</summary>
public sealed record ReceivedTelemetry(IReadOnlyList<ReceivedSpan> Spans, IReadOnlyList<ReceivedMetric> Metrics, IReadOnlyList<ReceivedLog> Logs, ReceivedRequests Requests);

/// <summary>Requests by protocol.</summary>
public sealed record ReceivedRequests(int Grpc, int Http);

/// <summary>A span; ids are hexadecimal, links the ids of their traces.</summary>
public sealed record ReceivedSpan(
    string Service, string Scope, string Name, string TraceId, string SpanId, string ParentSpanId,
    IReadOnlyDictionary<string, System.Text.Json.JsonElement> Attributes, IReadOnlyList<string> Links);

/// <summary>A metric of one export; its kind is gauge, counter, updown or histogram.</summary>
public sealed record ReceivedMetric(string Service, string Scope, string Name, string Unit, string Description, string Kind, IReadOnlyList<ReceivedPoint> Points);

/// <summary>A point of a metric: its value (of a histogram the sum and the count).</summary>
public sealed record ReceivedPoint(double? Value, long? Count, IReadOnlyDictionary<string, System.Text.Json.JsonElement> Attributes);

/// <summary>A record of a log.</summary>
public sealed record ReceivedLog(string Service, string Scope, string Body, string TraceId, IReadOnlyDictionary<string, System.Text.Json.JsonElement> Attributes);
