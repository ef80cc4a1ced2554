using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Multipart;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>dicomweb.md 1, 19, 22, 30, 33; attacks.md 47.</summary>
public sealed class ErrorAnswersTests
{
    private const string Secret = "MUELLER^HANS";

    [Fact]
    public async Task UnknownPath_Is404Problem()
    {
        await using var server = await TestServer.StartAsync();
        var body = await ProblemAsync(await server.Client.GetAsync($"/no/such/{Secret}?q={Secret}"), 404);
        Assert.Equal("Not Found", body.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("DELETE", "/dicom-web", "GET, HEAD, OPTIONS")]
    [InlineData("TRACE", "/dicom-web", "GET, HEAD, OPTIONS")]
    [InlineData("TRACE", "/health/live", "GET, HEAD")]
    [InlineData("POST", "/openapi/v1.json", "GET")]
    public async Task UnsupportedMethod_Is405WithAllow(string method, string path, string allow)
    {
        Assert.SkipWhen(Stack.IsBalanced && method == "TRACE", "nginx refuses TRACE itself.");
        await using var server = await TestServer.StartAsync();
        var response = await server.SendAsync(new HttpMethod(method), path);
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
        await ProblemAsync(response, 405);
    }

    [Fact]
    public async Task UnexpectedException_Is500WithTraceIdOnlyAndIsLogged()
    {
        await using var server = await TestServer.StartAsync(map: app =>
            app.MapGet("/studies/{study}", string (string study) => throw new InvalidOperationException(Secret)));
        var body = await ProblemAsync(await server.Client.GetAsync($"/studies/{Secret}"), 500);
        Assert.False(body.TryGetProperty("detail", out _));
        await server.Log.WaitAsync("1001 A request failed with 500 InvalidOperationException");
    }

    [Fact]
    public async Task DiskFull_Is507()
    {
        await using var server = await TestServer.StartAsync(map: app =>
            app.MapPost("/full", string () => throw new InvalidOperationException("x", new IOException("No space left on device", 28))));
        var body = await ProblemAsync(await server.SendAsync(HttpMethod.Post, "/full"), 507);
        Assert.Contains("storage is full", body.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData(413)]
    [InlineData(408)]
    [InlineData(400)]
    public async Task BadHttpRequest_KeepsItsStatusNotItsMessage(int status)
    {
        await using var server = await TestServer.StartAsync(map: app =>
            app.MapGet("/bad", string () => throw new BadHttpRequestException(Secret, status)));
        await ProblemAsync(await server.Client.GetAsync("/bad"), status);
        Assert.DoesNotContain(server.Log.Lines, line => line.StartsWith("1001", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MultipartFault_GivesItsStatusAndSentence()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapPost("/store", async (HttpRequest request) =>
        {
            using var body = new MultipartBody(request.Body, "b", MultipartLimits.Default);
            await body.ReadPartAsync(request.HttpContext.RequestAborted);
        }));
        using var content = new StringContent("--b\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n--b--");
        var problem = await ProblemAsync(await server.Client.PostAsync("/store", content), 415);
        Assert.Equal("The Content-Transfer-Encoding of a part must be binary.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task NotAcceptable_NamesTheOffers()
    {
        await using var server = await TestServer.StartAsync(map: app =>
            app.MapGet("/none", () => Problem.NotAcceptable([new MediaOffer("application/dicom+json", false)])));
        var problem = await ProblemAsync(await server.SendAsync(HttpMethod.Get, "/none", ("Accept", "image/tiff")), 406);
        Assert.Contains("Supported: application/dicom+json.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task FailureInMidAnswer_AbortsTheConnection()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapGet("/cut", async (HttpResponse response) =>
        {
            await response.WriteAsync("half");
            await response.Body.FlushAsync();
            throw new InvalidOperationException(Secret);
        }));
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetStringAsync("/cut"));
        await server.Log.WaitAsync("1002 GET /cut 500");
    }

    [Fact]
    public async Task ClientThatLeaves_IsLoggedAs499NotAsFailure()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: app => app.MapGet("/slow/{study}", async (HttpContext context) =>
        {
            arrived.SetResult();
            await Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);
        }));
        using var leaving = new CancellationTokenSource();
        var request = server.Client.GetAsync("/slow/1.2.3", leaving.Token);
        await arrived.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await server.Log.WaitAsync("GET /slow/{study} 499");
        Assert.DoesNotContain(server.Log.Lines, line => line.StartsWith("1001", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RequestLog_NamesTheRouteNotThePath()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapRead("/studies/{study}", () => "hello"));
        await server.Client.GetAsync($"/studies/1.2.840.99?PatientName={Secret}");
        var line = await server.Log.WaitAsync("1002 GET /studies/{study} 200 in ");
        Assert.DoesNotContain("1.2.840.99", string.Join('\n', server.Log.Lines));
        Assert.DoesNotContain(Secret, string.Join('\n', server.Log.Lines));
        Assert.Contains(" ms, ", line);
    }

    [Fact]
    public async Task Head_AnswersAsGetWithoutBody()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapRead("/x", () => Results.Bytes(new byte[10], "application/dicom")));
        var response = await server.SendAsync(HttpMethod.Head, "/x");
        Assert.Equal((HttpStatusCode.OK, 10L), (response.StatusCode, response.Content.Headers.ContentLength!.Value));
        Assert.Equal(404, (int)(await server.SendAsync(HttpMethod.Head, "/none")).StatusCode);
    }

    [Fact]
    public async Task HugeAccept_IsRefusedByLimit()
    {
        Assert.SkipWhen(Stack.IsBalanced, "nginx refuses so long a header itself, with 400.");
        await using var server = await TestServer.StartAsync();
        Assert.Equal(431, (int)(await server.SendAsync(HttpMethod.Get, "/dicom-web", ("Accept", new string('a', 100_000)))).StatusCode);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.DoesNotContain(Secret, text);
        Assert.DoesNotContain("   at ", text);
        var body = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, body.GetProperty("status").GetInt32());
        Assert.NotEmpty(body.GetProperty("traceId").GetString()!);
        return body;
    }
}
