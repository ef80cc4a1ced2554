using System.Diagnostics;
using System.Net.Http.Headers;
using VnaCloud.EndToEnd.Tests.Gateway;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>A receiver that is down, or takes connections and says nothing, costs nobody but who wanted to look.</summary>
public sealed class SilentReceiverTests(ITestOutputHelper output)
{
    // As long as without telemetry, and what the last attempt to send may take.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData(ProxyFault.Refuse)]
    [InlineData(ProxyFault.Hang)]
    public async Task ServerAndGateway_WorkAndStop_WithoutTheirReceiver(ProxyFault fault)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var receiver = new TcpFaultProxy(FreePorts.Take()) { Fault = fault };
        string[] settings = [$"--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{receiver.Port}", "--OTEL_BSP_SCHEDULE_DELAY=200", "--OTEL_METRIC_EXPORT_INTERVAL=500"];
        await using var server = await ServerProcess.StartAsync(null, settings);
        await using var site = new GatewaySite(server.BaseUrl, null, settings);
        await site.StartAsync();
        using var http = new HttpClient { BaseAddress = server.BaseUrl };
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            using var content = new ByteArrayContent(Instances.Ct("1.2.826.0.1.3680043.9.101.1", "1.2.826.0.1.3680043.9.101.1.1", $"1.2.826.0.1.3680043.9.101.1.1.{i}"));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            using var answer = await http.PostAsync("dicom-web/studies", content, cancellation);
            answer.EnsureSuccessStatusCode();
            slowest = i > 0 && Stopwatch.GetElapsedTime(sent) is var took && took > slowest ? took : slowest;
            await Task.Delay(50, cancellation);
        }
        var told = Stopwatch.GetTimestamp();
        Assert.Equal(0, await site.StopAsync());
        var gateway = Stopwatch.GetElapsedTime(told);
        told = Stopwatch.GetTimestamp();
        Assert.Equal(0, await server.StopAsync());
        var archive = Stopwatch.GetElapsedTime(told);
        output.WriteLine($"{fault}: slowest of 20 stores {slowest.TotalMilliseconds:F0} ms, gateway ended in {gateway.TotalSeconds:F1} s, server in {archive.TotalSeconds:F1} s");
        // An attempt to send ends after ten seconds: who waited for one would see that.
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"A store took {slowest}.");
        Assert.True(gateway < Soon, $"The gateway took {gateway} to end.");
        Assert.True(archive < Soon, $"The server took {archive} to end.");
    }
}
