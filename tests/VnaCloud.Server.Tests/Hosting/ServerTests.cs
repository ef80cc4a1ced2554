using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>dicomweb.md 27, 28, 31, 34, 188, 190; attacks.md 39.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task EveryAnswer_HasSecurityHeadersAndVaryOnce()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapGet("/vary", (HttpResponse response) =>
        {
            response.Headers.Vary = "accept, X-Other";
            return "x";
        }));
        foreach (var path in new[] { "/dicom-web", "/health/live", "/none", "/vary" })
        {
            var response = await server.SendAsync(HttpMethod.Get, path, ("Accept-Encoding", "gzip"));
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            // nginx gives its own name in place of ours.
            Assert.Equal(Stack.IsBalanced ? ["nginx"] : [], response.Headers.Server.Select(name => name.Product!.Name));
            var vary = response.Headers.Vary.Select(v => v.ToLowerInvariant()).ToList();
            Assert.Contains("accept", vary);
            Assert.Contains("accept-encoding", vary);
            Assert.Equal(vary.Distinct(), vary);
        }
    }

    [Theory]
    [InlineData("application/dicom+json", "gzip", "gzip")]
    [InlineData("application/dicom+json", "br", "br")]
    [InlineData("application/dicom+json", "", "")]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=b", "gzip, br", "")]
    [InlineData("application/dicom", "gzip, br", "")]
    [InlineData("application/octet-stream", "gzip, br", "")]
    [InlineData("application/zip", "gzip, br", "")]
    public async Task Compression_IsForTextOnly(string type, string accepted, string encoding)
    {
        var content = Encoding.ASCII.GetBytes(new string('a', 5000));
        await using var server = await TestServer.StartAsync(map: app => app.MapGet("/x", () => Results.Bytes(content, type)));
        var response = await server.SendAsync(HttpMethod.Get, "/x", ("Accept-Encoding", accepted));
        Assert.Equal(encoding, string.Join(',', response.Content.Headers.ContentEncoding));
        var body = await response.Content.ReadAsByteArrayAsync();
        if (encoding == "gzip")
        {
            using var inflated = new MemoryStream();
            await new GZipStream(new MemoryStream(body), CompressionMode.Decompress).CopyToAsync(inflated);
            body = inflated.ToArray();
        }
        Assert.Equal(encoding != "br", content.AsSpan().SequenceEqual(body));
    }

    [Fact]
    public async Task Compression_OfEncodedAnswer_LeavesItAlone()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapGet("/x", (HttpResponse response) =>
        {
            response.Headers.ContentEncoding = "gzip";
            return Results.Bytes("stored"u8.ToArray(), "application/dicom+json");
        }));
        var response = await server.SendAsync(HttpMethod.Get, "/x", ("Accept-Encoding", "gzip"));
        Assert.Equal("stored", await response.Content.ReadAsStringAsync());
        Assert.Equal(6, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Health_NamesDependenciesAndStatesOnly()
    {
        await using var server = await TestServer.StartAsync(services: services => services.AddHealthChecks()
            .AddCheck("index", () => HealthCheckResult.Healthy())
            .AddCheck("storage", () => HealthCheckResult.Unhealthy("secret path", new IOException("secret"))));
        var live = await server.Client.GetAsync("/health/live");
        Assert.Equal((HttpStatusCode.OK, """{"status":"Healthy","dependencies":{}}"""), (live.StatusCode, await live.Content.ReadAsStringAsync()));
        var ready = await server.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var body = await ready.Content.ReadAsStringAsync();
        Assert.StartsWith("""{"status":"Unhealthy","dependencies":{""", body, StringComparison.Ordinal);
        Assert.Contains("\"index\":\"Healthy\"", body, StringComparison.Ordinal);
        Assert.Contains("\"storage\":\"Unhealthy\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.Equal("application/json", ready.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("OPTIONS")]
    public async Task Capabilities_ListTheRoutesAndPointToOpenApi(string method)
    {
        await using var server = await TestServer.StartAsync();
        var response = await server.SendAsync(new HttpMethod(method), "/dicom-web");
        var root = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        var resources = root.GetProperty("resources").EnumerateArray().Select(r =>
            $"{r.GetProperty("path")} {string.Join(',', r.GetProperty("methods").EnumerateArray())}").ToList();
        Assert.Contains("/dicom-web GET,HEAD,OPTIONS", resources);
        Assert.Contains(resources, resource => resource.StartsWith("/dicom-web/studies ", StringComparison.Ordinal) && resource.Contains("POST", StringComparison.Ordinal));
        var openApi = await server.Client.GetStringAsync(root.GetProperty("openApi").GetString());
        Assert.True(JsonDocument.Parse(openApi).RootElement.GetProperty("paths").TryGetProperty("/dicom-web/studies", out _));
    }

    [Fact]
    public async Task Requests_OfOneClient_ComeToEveryServerOfTheStack()
    {
        var started = 0;
        await using var server = await TestServer.StartAsync(map: app =>
        {
            var number = ++started;
            app.MapGet("/number", () => number);
        });
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await server.Client.GetStringAsync("/number"));
        }
        Assert.Equal(Stack.IsBalanced ? ["1", "2"] : ["1"], answers.Distinct().Order());
    }

    [Fact]
    public async Task Limits_ReachKestrel()
    {
        await using var server = await TestServer.StartAsync(["--Vna:Limits:MinRequestBytesPerSecond", "500", "--Vna:Limits:MinResponseBytesPerSecond", "0"]);
        var limits = server.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Null(limits.MaxRequestBodySize);
        Assert.Equal(500, limits.MinRequestBodyDataRate!.BytesPerSecond);
        Assert.Null(limits.MinResponseDataRate);
        Assert.Equal(TimeSpan.FromSeconds(15), limits.RequestHeadersTimeout);
    }

    [Fact]
    public async Task SlowHeaders_AreCutOff()
    {
        Assert.SkipWhen(Stack.IsBalanced, "nginx waits for the headers; the server never sees half of them.");
        await using var server = await TestServer.StartAsync(["--Vna:Limits:RequestHeaderSeconds", "1"]);
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost:"u8.ToArray());
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 408", await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Stop_WaitsForRunningRequests()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: app => app.MapGet("/slow", async () =>
        {
            arrived.SetResult();
            await release.Task;
            return "whole";
        }));
        var answer = server.Client.GetStringAsync("/slow");
        await arrived.Task;
        var stopping = server.StopAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => stopping.WaitAsync(TimeSpan.FromMilliseconds(300)));
        release.SetResult();
        Assert.Equal("whole", await answer);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task Tls_SpeaksBothVersionsOfHttp(int major, int minor)
    {
        Assert.SkipWhen(Stack.IsBalanced, "TLS and HTTP/2 are between client and balancer.");
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pfx");
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx));
        try
        {
            await using var server = await TestServer.StartAsync(
                ["--urls", "https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path", file]);
            using var client = new HttpClient(new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString() },
            });
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/health/live"))
            {
                Version = new Version(major, minor),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            Assert.Equal(request.Version, (await client.SendAsync(request)).Version);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Options_Defaults_AreTheDocumentedOnes()
    {
        var options = new VnaOptions();
        Assert.Equal("./data", options.Storage.Path);
        Assert.Equal(200, options.Qido.EmptyResult);
        Assert.Equal(4096, options.Metadata.InlineLimit);
        Assert.Equal(PreamblePolicy.Zeroed, options.Preamble);
        Assert.Equal(16L << 30, options.Limits.MaxInstanceBytes);
    }
}
