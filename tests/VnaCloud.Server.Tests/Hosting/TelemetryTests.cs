using System.Net.Http.Headers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting.Telemetry;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>What is published, and that nothing listens unless somebody asked.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task WithoutAReceiver_NothingListens()
    {
        using var folder = new Folder();
        await using var app = VnaServer.Build(["--urls=http://127.0.0.1:0", $"--Vna:Storage:Path={folder.Path}", "--Vna:Rehearsal=false"]);
        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Null(app.Services.GetService<TracerProvider>());
        Assert.Null(app.Services.GetService<MeterProvider>());
        Assert.Null(app.Services.GetService<LoggerProvider>());
        Assert.False(ArchiveActivity.Source.HasListeners());
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317;OTEL_LOGS_EXPORTER=none", true, true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4317", false, true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317;OTEL_SDK_DISABLED=true", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=", false, false, false)]
    public void Signals_AreThoseThatHaveAReceiver(string settings, bool traces, bool metrics, bool logs)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(setting => setting.Split('=', 2)).Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1]))).Build();
        Assert.Equal(new TelemetrySignals(traces, metrics, logs), TelemetrySignals.Of(configuration));
    }

    [Fact]
    public async Task Meters_PublishTheTableOfTheDocumentation()
    {
        using var folder = new Folder();
        using var published = new PublishedInstruments();
        // Nobody is at that address; of the signals only metrics are on, so that no span is made in this process.
        await using var app = VnaServer.Build([
            "--urls=http://127.0.0.1:0", $"--Vna:Storage:Path={folder.Path}/data", "--Vna:Rehearsal=false", "--OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://127.0.0.1:9",
            "--Vna:Storage:Cache:Enabled=true", $"--Vna:Storage:Cache:Path={folder.Path}/cache", "--Vna:Storage:Mirror:Provider=FileSystem", $"--Vna:Storage:Mirror:Path={folder.Path}/second"]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();
        using var content = new ByteArrayContent(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using var answer = await client.PostAsync(new Uri($"{app.Urls.First()}/dicom-web/studies"), content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();

        Assert.Equal(PublishedInstruments.Documented("server"), published.Rows());
        await app.StopAsync(TestContext.Current.CancellationToken);
    }
}
