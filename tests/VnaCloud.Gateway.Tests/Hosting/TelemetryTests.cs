using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using VnaCloud.Gateway.Spool;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Hosting;

/// <summary>What is published, and that nothing listens unless somebody asked.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Meters_PublishTheTableOfTheDocumentation_AndNoSpanIsMadeWithoutAReceiver()
    {
        using var folder = new Folder();
        using var published = new PublishedInstruments();
        await using var app = VnaGateway.Build([
            "--Gateway:Http:Urls=http://127.0.0.1:0", "--Gateway:Dimse:Address=127.0.0.1", $"--Gateway:Dimse:Port={FreePorts.Take()}", $"--Gateway:Spool:Path={folder.Path}",
            "--Gateway:Archive:Url=http://127.0.0.1:9/dicom-web"]);
        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(PublishedInstruments.Documented("gateway"), published.Rows());
        Assert.Null(app.Services.GetService<TracerProvider>());
        Assert.False(GatewayActivity.Source.HasListeners());
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Trace_OfAnObject_IsKeptBesideItsFile()
    {
        using var folder = new Folder();
        var path = folder.File("object.dcm", [1, 2, 3]);
        Assert.Null(Posix.GetAttribute(path, SpoolFile.TraceAttribute));
        using (var file = File.OpenHandle(path, access: FileAccess.ReadWrite))
        {
            Assert.SkipUnless(Posix.TrySetAttribute(file, SpoolFile.TraceAttribute, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), "The file system of the temporary folder has no extended attributes.");
        }
        File.Move(path, path + ".moved");
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Posix.GetAttribute(path + ".moved", SpoolFile.TraceAttribute));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path + ".moved"));
    }
}
