using System.Globalization;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>Nothing that names a patient or a study is in anything that leaves by telemetry.</summary>
[Collection("telemetry")]
public sealed class PrivacyTests(TelemetryStack stack)
{
    private const string Study = "1.2.826.0.1.3680043.9.100.3";

    [Fact]
    public async Task Searches_ByPatient_LeaveNoTraceOfThePatient()
    {
        await stack.RequireAsync();
        var cancellation = TestContext.Current.CancellationToken;
        await stack.StoreScuAsync(Instances.File(new InstanceSpec(Study, Study + ".1", Study + ".1.1") { PatientName = "Geheimrat^Ottokar", PatientId = "PID77231", AccessionNumber = "ACC55123" }));
        await stack.Gateway.DrainAsync();
        using var http = new HttpClient { BaseAddress = stack.Server.BaseUrl };
        var found = await http.GetStringAsync("dicom-web/studies?PatientName=Geheimrat*&PatientID=PID77231", cancellation);
        Assert.Contains("Ottokar", found, StringComparison.Ordinal);
        foreach (var path in new[] { $"dicom-web/studies/{Study}/metadata", $"dicom-web/studies/{Study}?AccessionNumber=ACC55123", "dicom-web/studies?PatientName=Geheimrat%00*", "dicom-web/Geheimrat", "dicom-web/studies?StudyDate=Geheimrat" })
        {
            using var answer = await http.GetAsync(path, cancellation);
        }
        var (_, text) = await Dcmtk.RunAsync("findscu", [
            "-S", "-aec", "VNACLOUD", "-aet", "DCMTK", stack.Gateway.EndPoint.Address.ToString(), stack.Gateway.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
            "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName=GEHEIMRAT*", "-k", "StudyInstanceUID"]);
        Assert.Contains(Study, text, StringComparison.Ordinal);
        // All of it has come when the spans of the searches have: the gateway's request to the archive is the last.
        var received = await stack.Sink.WaitAsync(all => all.Spans.Count(span => span.Name == "GET /dicom-web/studies") >= 4 && all.Spans.Any(span => span is { Service: "vnacloud-gateway", Name: "GET" }), cancellation);
        Assert.Contains(received.Spans, span => span is { Service: "vnacloud-server", Name: "GET /dicom-web/studies" });
        Assert.Contains(received.Spans, span => span is { Service: "vnacloud-gateway", Name: "GET" });
        await Task.Delay(1500, cancellation);

        foreach (var secret in new[] { "Geheimrat", "Ottokar", "PID77231", "ACC55123" })
        {
            Assert.False(await stack.Sink.ContainsAsync(secret, cancellation), $"{secret} was exported.");
        }
        // UIDs of studies are in no span and no metric; the gateway's log names the SOP instances that it received, as it always did.
        received = await stack.Sink.ReceivedAsync(cancellation);
        Assert.DoesNotContain(received.Spans, span => span.Attributes.Values.Append(default).Any(value => value.ToString().Contains(Study, StringComparison.Ordinal)));
        Assert.DoesNotContain(received.Metrics, metric => metric.Points.Any(point => point.Attributes.Values.Any(value => value.ToString().Contains(Study, StringComparison.Ordinal))));
        Assert.DoesNotContain(received.Spans, span => span.Name.Contains("health", StringComparison.Ordinal));
        Assert.True(await stack.Sink.ContainsAsync("/dicom-web/studies", cancellation));
    }
}
