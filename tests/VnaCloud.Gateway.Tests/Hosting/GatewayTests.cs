using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Gateway.Hosting;
using VnaCloud.Gateway.Spool;
using VnaCloud.Gateway.Tests.Forwarding;
using VnaCloud.Gateway.Tests.Spool;

namespace VnaCloud.Gateway.Tests.Hosting;

/// <summary>The host: settings, health, status.</summary>
public sealed class GatewayTests
{
    [Fact]
    public void Settings_ThatAreWrong_AreAllToldAtOnce()
    {
        var refused = Assert.Throws<StartRefusedException>(() => VnaGateway.Build(
            ["--Gateway:AeTitel=X", "--Gateway:Dimse:Port=99999", "--Gateway:Spool=here", "--Gateway:Rules:0:Lane=Fast", "--Gateway:Rules:0:Modalities=CT", "--Gateway:RemoteAes=CT1"]));
        foreach (var setting in new[] { "Gateway:AeTitel", "Gateway:Dimse:Port", "Gateway:Spool", "Gateway:Rules:0:Lane", "Gateway:Rules:0:Modalities", "Gateway:RemoteAes" })
        {
            Assert.Contains(refused.Reasons, reason => reason.StartsWith(setting + " ", StringComparison.Ordinal));
        }
        Assert.Contains("Stat or Normal or Backload", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_ThatDoNotGoTogether_AreAllToldAtOnce()
    {
        var refused = Assert.Throws<StartRefusedException>(() => VnaGateway.Build(
            [
                "--Gateway:AeTitle=SEVENTEEN LETTERS", "--Gateway:Dimse:Address=localhost", "--Gateway:Archive:Url=ftp://archive", "--Gateway:Archive:TokenFile=/no/such/file",
                "--Gateway:Rules:0:Destination=elsewhere", "--Gateway:Rules:0:Tag=7FE00010", "--Gateway:RemoteAes:0:AeTitle=CT\\1", "--Gateway:Archive:Compression=JpegLs", "--Gateway:Http:Urls=8081",
                "--Gateway:Bandwidth:Schedule:0=always", "--Gateway:Spool:MinFreeBytes=9000000000", "--Gateway:Destinations:0:Name=archive",
            ]));
        Assert.Equal(13, refused.Reasons.Count);
        Assert.All(refused.Reasons, reason => Assert.EndsWith(".", reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("RequireClientCertificate=true", "Gateway:Dimse:Tls:RequireClientCertificate")] // nobody could be asked for one: nobody would have to show one
    [InlineData("AuthoritiesFile=/no/such/file", "Gateway:Dimse:Tls:AuthoritiesFile")]
    public void TlsPort_ThatWouldTakeAnybody_IsRefused(string setting, string named)
    {
        using var folder = new VnaCloud.TestKit.Folder();
        var pem = folder.File("any.pem", []);
        var refused = Assert.Throws<StartRefusedException>(() => VnaGateway.Build(
            ["--Gateway:Dimse:TlsPort=2762", $"--Gateway:Dimse:Tls:CertificateFile={pem}", $"--Gateway:Dimse:Tls:KeyFile={pem}", $"--Gateway:Dimse:Tls:{setting}"]));
        Assert.StartsWith(named + " ", Assert.Single(refused.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_WithASpoolInUse_DoesNotStart_AndSaysWhatToDo()
    {
        using var spool = new TestSpool();
        using var errors = new StringWriter();
        Assert.Equal(1, await GatewayProcess.RunAsync(() => VnaGateway.Build(["--Logging:LogLevel:Default=None", "--Gateway:Http:Urls=http://127.0.0.1:0", $"--Gateway:Spool:Path={spool.Folder}"]), errors));
        Assert.Contains("Gateway:Spool:Path", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_Running_ForwardsAndTellsItsState()
    {
        await using var archive = new ScriptedArchive((request, self) => self.StoreAsync(request, sop => sop == "1.2.9.2" ? 0x0111 : null));
        var folder = Directory.CreateTempSubdirectory("vnacloud-gateway-").FullName;
        await using (var app = VnaGateway.Build(["--Logging:LogLevel:Default=None", "--Gateway:Http:Urls=http://127.0.0.1:0", $"--Gateway:Spool:Path={folder}", $"--Gateway:Archive:Url={archive.Url}", "--Gateway:Spool:MinFreeBytes=0"]))
        {
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            foreach (var path in new[] { "/healthz", "/readyz", "/health/live", "/health/ready", "/status", "/", "/status.js", "/status.css" })
            {
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(path)).StatusCode);
            }
            var spool = app.Services.GetRequiredService<ObjectSpool>();
            for (var i = 1; i <= 3; i++)
            {
                await Arrival.Ct("1.2.1", $"1.2.9.{i}", i).StoreAsync(spool);
            }
            await TestForwarding.UntilAsync(() => spool.Queues.Single().Lanes().All(lane => lane.Objects == 0), "objects wait still");
            var status = (await client.GetFromJsonAsync<JsonObject>("/status"))!;
            Assert.Equal("VNACLOUD", (string?)status["aeTitle"]);
            Assert.Equal(1, (int?)status["quarantine"]!["count"]);
            Assert.Equal(0x0111, (int?)status["quarantine"]!["latest"]![0]!["code"]);
            Assert.Equal(0, (int?)status["destinations"]![0]!["lanes"]![1]!["objects"]);
            Assert.True((bool?)status["spool"]!["loaded"]);
            await app.StopAsync();
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Gateway_WithAFullSpool_IsNotReady_ButAlive()
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-gateway-").FullName;
        await using (var app = VnaGateway.Build(
            ["--Logging:LogLevel:Default=None", "--Gateway:Http:Urls=http://127.0.0.1:0", $"--Gateway:Spool:Path={folder}", "--Gateway:Spool:MinFreeBytes=1000000000000000", "--Gateway:Spool:LowFreeBytes=1000000000000000"]))
        {
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/readyz")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz")).StatusCode);
            var outcome = await Arrival.Ct("1.2.1", "1.2.3").IntoAsync(app.Services.GetRequiredService<ObjectSpool>());
            Assert.Equal((ushort)0xA700, outcome.DimseStatus);
            await app.StopAsync();
        }
        Directory.Delete(folder, recursive: true);
    }
}
