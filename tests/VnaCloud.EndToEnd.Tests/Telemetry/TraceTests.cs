using VnaCloud.EndToEnd.Tests.Gateway;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>One object is one trace, from the scanner's C-STORE at the gateway to the commit in the archive's index.</summary>
[Collection("telemetry")]
public sealed class TraceTests(TelemetryStack stack)
{
    private const string GatewayName = "vnacloud-gateway";
    private const string ServerName = "vnacloud-server";

    [Fact]
    public async Task OneObject_FromCStoreToCommit_IsOneTrace()
    {
        await stack.RequireAsync();
        var cancellation = TestContext.Current.CancellationToken;
        var known = (await stack.Sink.ReceivedAsync(cancellation)).Spans.Select(span => span.SpanId).ToHashSet();
        await stack.StoreScuAsync(Instances.Ct("1.2.826.0.1.3680043.9.100.1", "1.2.826.0.1.3680043.9.100.1.1", "1.2.826.0.1.3680043.9.100.1.1.1"));
        var received = await stack.Sink.WaitAsync(
            all => all.Spans.Any(span => span.Name == "upload" && !known.Contains(span.SpanId)) && all.Spans.Any(span => span.Name == "POST /dicom-web/studies" && !known.Contains(span.SpanId)) && all.Spans.Any(span => span.Name == "association" && !known.Contains(span.SpanId)), cancellation);
        var spans = received.Spans.Where(span => !known.Contains(span.SpanId)).ToList();

        var store = Assert.Single(spans, span => span.Name == "C-STORE");
        var trace = spans.Where(span => span.TraceId == store.TraceId).ToList();
        Assert.Equal(["C-STORE", "spool write", "upload"], trace.Where(span => span.Service == GatewayName && span.Scope.StartsWith("VnaCloud", StringComparison.Ordinal)).Select(span => span.Name).Order());
        Assert.Equal(["index commit", "index transaction", "pack write", "stow receive"], trace.Where(span => span.Service == ServerName && span.Scope.StartsWith("VnaCloud", StringComparison.Ordinal)).Select(span => span.Name).Order());
        Assert.Contains(trace, span => span.Service == ServerName && span.Name == "POST /dicom-web/studies");
        // Each is the child of another, up to the C-STORE.
        var byId = trace.ToDictionary(span => span.SpanId);
        Assert.All(trace, span => Assert.True(span == store || byId.ContainsKey(span.ParentSpanId), $"{span.Service} {span.Name} has no parent in the trace."));
        if (stack.HasDatabaseServer)
        {
            var transaction = trace.Single(span => span.Name == "index transaction");
            Assert.Contains(trace, span => span.Scope == "Npgsql" && span.ParentSpanId == transaction.SpanId);
        }
        // The association is another trace: it may last for days.
        var association = spans.Single(span => span.Name == "association");
        Assert.NotEqual(store.TraceId, association.TraceId);
        Assert.Equal([association.TraceId], store.Links);
        // A log line of the request tells the same trace.
        received = await stack.Sink.WaitAsync(all => all.Logs.Any(log => log.TraceId == store.TraceId && log.Service == ServerName) && all.Logs.Any(log => log.TraceId == store.TraceId && log.Service == GatewayName), cancellation);
        Assert.Equal([GatewayName, ServerName], received.Logs.Where(log => log.TraceId == store.TraceId).Select(log => log.Service).Distinct().Order());
    }

    [Fact]
    public async Task GatewayKilledBeforeTheUpload_GoesOnInTheTracesOfBefore()
    {
        await stack.RequireAsync();
        var cancellation = TestContext.Current.CancellationToken;
        await using var line = new TcpFaultProxy(stack.Server.BaseUrl.Port) { Fault = ProxyFault.Hang };
        string[] settings = [.. stack.Sink.Settings, "--OTEL_SERVICE_NAME=killed-gateway"];
        await using var site = new GatewaySite(new Uri($"http://127.0.0.1:{line.Port}"), null, settings);
        await site.StartAsync();
        using var folder = new Folder();
        var files = Enumerable.Range(1, 4).Select(i => folder.File($"{i}.dcm", Instances.Ct("1.2.826.0.1.3680043.9.100.2", "1.2.826.0.1.3680043.9.100.2.1", $"1.2.826.0.1.3680043.9.100.2.1.{i}"))).ToArray();
        var (code, text) = await Dcmtk.RunAsync("storescu", ["-xe", "-aec", "VNACLOUD", "-aet", "DCMTK", $"{site.EndPoint.Address}", $"{site.EndPoint.Port}", .. files]);
        Assert.True(code == 0, text);
        var before = (await stack.Sink.WaitAsync(all => all.Spans.Count(span => span is { Service: "killed-gateway", Name: "C-STORE" }) == 4, cancellation))
            .Spans.Where(span => span is { Service: "killed-gateway", Name: "C-STORE" }).Select(span => span.TraceId).ToHashSet();
        Assert.Equal(4, before.Count);

        await site.Kill9();
        line.Fault = ProxyFault.None;
        line.ResetAll();
        await site.StartAsync();
        await site.DrainAsync();
        bool Arrived(ReceivedTelemetry all) => Uploads(all).Sum(span => span.Attributes["vna.instances"].GetInt32()) == 4;
        IEnumerable<ReceivedSpan> Uploads(ReceivedTelemetry all) => all.Spans.Where(span => span is { Service: "killed-gateway", Name: "upload" } && !span.Attributes.ContainsKey("error.type"));
        var uploads = Uploads(await stack.Sink.WaitAsync(Arrived, cancellation)).ToList();
        // One object goes on in its trace; of several the upload is a trace of its own, linked to each.
        Assert.Equal(before.Order(), uploads.SelectMany(upload => upload.Links.Count > 0 ? upload.Links : [upload.TraceId]).Distinct().Order());
    }
}
