using System.Net;
using VnaCloud.Server.Tests.Hosting;

namespace VnaCloud.Server.Tests.Viewer;

/// <summary>How the viewer is served, on a small one of two files. That it runs in a browser is shown end to end.</summary>
public sealed class ViewerEndpointsTests : IDisposable
{
    private const string Release = "0123456789abcdef";
    private readonly string _folder = Directory.CreateTempSubdirectory("vnacloud-viewer-").FullName;

    public ViewerEndpointsTests()
    {
        Write("app.js", "plain script");
        Write("app.js.br", "brotli");
        Write("app.js.gz", "gzipped");
        Write("worker.js", "worker");
        Write("secret.txt", "not listed");
        Write("index.html", """<script src="{base}app-config.js"></script><script src="{files}app.js"></script>""");
        Write("viewer.json", $$"""
            { "ohif": "1", "release": "{{Release}}", "files": [
              { "path": "app.js", "sha256": "", "bytes": 12, "br": 6, "gz": 7 }, { "path": "worker.js", "sha256": "", "bytes": 6, "decoder": true } ] }
            """);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("viewer/")]
    [InlineData("viewer/viewer?StudyInstanceUIDs=1.2.3")]
    [InlineData("viewer/segmentation")]
    public async Task Route_OfTheViewer_IsItsPage(string route)
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.GetAsync(route, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal($"""<script src="/viewer/app-config.js"></script><script src="/viewer/{Release}/app.js"></script>""", await TextAsync(answer));
        Assert.True(answer.Headers.CacheControl!.NoCache);
        var policy = Header(answer, "Content-Security-Policy");
        Assert.Contains("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("'unsafe-eval'", policy, StringComparison.Ordinal);
        Assert.Equal(("same-origin", "require-corp", "same-origin"), (Header(answer, "Cross-Origin-Opener-Policy"), Header(answer, "Cross-Origin-Embedder-Policy"), Header(answer, "Cross-Origin-Resource-Policy")));
    }

    [Theory]
    [InlineData("br, gzip", "br", "brotli")]
    [InlineData("gzip", "gzip", "gzipped")]
    [InlineData("br;q=0, gzip", "gzip", "gzipped")]
    [InlineData("", null, "plain script")]
    public async Task File_OfTheRelease_IsSentAsItWasCompressedAndKeptForEver(string accepted, string? coding, string content)
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"viewer/{Release}/app.js");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);

        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(content, await TextAsync(answer));
        Assert.Equal(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(content.Length, answer.Content.Headers.ContentLength);
        Assert.Equal("public, max-age=31536000, immutable", Header(answer, "Cache-Control"));
        Assert.Contains("Accept-Encoding", string.Join(',', answer.Headers.Vary), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decoder_AloneMayMakeFunctionsOfText()
    {
        await using var server = await StartAsync();

        using var worker = await server.Client.GetAsync($"viewer/{Release}/worker.js", TestContext.Current.CancellationToken);
        using var script = await server.Client.GetAsync($"viewer/{Release}/app.js", TestContext.Current.CancellationToken);

        Assert.Contains("'unsafe-eval'", Header(worker, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("'unsafe-eval'", Header(script, "Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"viewer/{Release}/secret.txt")]
    [InlineData($"viewer/{Release}/viewer.json")]
    [InlineData($"viewer/{Release}/..%2fsecret.txt")]
    [InlineData($"viewer/{Release}/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("viewer/fedcba9876543210/app.js")]
    [InlineData("viewer/secret.txt")]
    public async Task File_NotListed_IsNotFound(string path)
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("--Vna:ForwardedHeaders:KnownProxies:0=127.0.0.1", "/pacs")]
    [InlineData("--Vna:PublicBaseUrl=https://localhost/vna/", "/vna")]
    public async Task UnderAPath_AddressesBeginWithIt(string argument, string path)
    {
        await using var server = await StartAsync(argument);

        var page = await SendAsync(server, "viewer/");
        var config = await SendAsync(server, "viewer/app-config.js");

        Assert.Contains($"src=\"{path}/viewer/{Release}/app.js\"", page, StringComparison.Ordinal);
        Assert.StartsWith($$"""const server = {"base":"{{path}}","release":"{{Release}}","showStudyList":true,"mayWrite":true};""", config, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prefix_WithMarkup_StaysText()
    {
        await using var server = await StartAsync("--Vna:ForwardedHeaders:KnownProxies:0=127.0.0.1");

        var page = await SendAsync(server, "viewer/", "/\"><script>alert(1)</script>");
        var config = await SendAsync(server, "viewer/app-config.js", "/\"};alert(1);//");

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"};alert", config, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutASlash_GoesToTheViewer()
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.GetAsync("viewer?StudyInstanceUIDs=1.2", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Found, "/viewer/?StudyInstanceUIDs=1.2"), (answer.StatusCode, answer.Headers.Location!.OriginalString));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Viewer_MissingOrBroken_SaysHowToGetIt(bool broken)
    {
        Write("viewer.json", "{ broken");
        await using var server = await TestServer.StartAsync([$"--Vna:Viewer:Path={(broken ? _folder : Path.Combine(_folder, "nowhere"))}"]);

        using var answer = await server.Client.GetAsync("viewer/", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("eng/viewer.sh", await TextAsync(answer), StringComparison.Ordinal);
    }

    private Task<TestServer> StartAsync(params string[] more) => TestServer.StartAsync([$"--Vna:Viewer:Path={_folder}", .. more]);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private static async Task<string> SendAsync(TestServer server, string path, string prefix = "/pacs")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "10.0.0.9");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix);
        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await TextAsync(answer);
    }

    private static Task<string> TextAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));
}
