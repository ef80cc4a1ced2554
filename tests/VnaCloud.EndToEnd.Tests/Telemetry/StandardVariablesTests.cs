using System.Net.Http.Headers;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>The variables of OpenTelemetry mean what they mean everywhere; what was not sent yet is sent when the server ends.</summary>
public sealed class StandardVariablesTests
{
    // Nothing is sent before the end.
    private static readonly string[] Late = ["--OTEL_BSP_SCHEDULE_DELAY=600000", "--OTEL_BLRP_SCHEDULE_DELAY=600000", "--OTEL_METRIC_EXPORT_INTERVAL=600000"];

    [Fact]
    public async Task ServerThatEnds_SendsWhatItHas_OverHttpAndUnderItsName()
    {
        var received = await RunAsync("--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_SERVICE_NAME=archive-of-ward-7", "--OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test");

        Assert.Equal((0, true), (received.Requests.Grpc, received.Requests.Http >= 3));
        Assert.Contains(received.Spans, span => span is { Service: "archive-of-ward-7", Name: "POST /dicom-web/studies" });
        Assert.Contains(received.Metrics, metric => metric is { Service: "archive-of-ward-7", Name: "vna.pack.size" });
        Assert.Contains(received.Logs, log => log is { Service: "archive-of-ward-7", Scope: "VnaCloud.Server.Hosting.RequestLog" });
        Assert.DoesNotContain(received.Spans, span => span.Name.Contains("health", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sampler_ThatTakesNothing_LeavesMetricsAndLogs()
    {
        var received = await RunAsync("--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_TRACES_SAMPLER=always_off");

        Assert.Empty(received.Spans);
        Assert.Contains(received.Metrics, metric => metric.Name == "vna.pack.size");
        Assert.NotEmpty(received.Logs);
    }

    private static async Task<ReceivedTelemetry> RunAsync(params string[] settings)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (sink, whyNot) = await OtlpSink.StartAsync(cancellation);
        Assert.SkipUnless(sink is not null, whyNot ?? "");
        await using var receiver = sink!;
        await using var server = await ServerProcess.StartAsync(null, [$"--OTEL_EXPORTER_OTLP_ENDPOINT={receiver.HttpUrl}", .. Late, .. settings]);
        using var http = new HttpClient { BaseAddress = server.BaseUrl };
        using var content = new ByteArrayContent(Instances.Ct("1.2.826.0.1.3680043.9.102.1", "1.2.826.0.1.3680043.9.102.1.1", "1.2.826.0.1.3680043.9.102.1.1.1"));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using var answer = await http.PostAsync("dicom-web/studies", content, cancellation);
        answer.EnsureSuccessStatusCode();
        Assert.Equal(0, await server.StopAsync());
        return await receiver.ReceivedAsync(cancellation);
    }
}
