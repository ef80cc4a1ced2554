using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>Host guard, CORS and base URLs: dicomweb.md 24, 25, 29; attacks.md 48.</summary>
public sealed class GuardTests(GuardedServers servers) : IClassFixture<GuardedServers>
{
    private const string Trusted = "https://viewer.example";

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("evil.example:8080", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("10.1.2.3", 421)]
    [InlineData("localhost:8080", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:8080", 200)]
    [InlineData("pacs.example", 200)]
    [InlineData("vna.imaging.svc:8080", 200)]
    [InlineData("imaging.svc", 421)]
    public async Task Host_ForeignName_IsMisdirected(string host, int status)
    {
        var server = await servers.GetAsync("--Vna:PublicBaseUrl", "https://pacs.example/vna", "--Vna:Hosts:0", "vna.imaging.svc");
        Assert.Equal(status, (int)(await server.SendAsync(HttpMethod.Get, "/dicom-web", ("Host", host))).StatusCode);
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("10.1.2.3:8080", 200)]
    public async Task Host_WhenListeningEverywhere_MayBeAnyAddressButNoName(string host, int status)
    {
        Assert.SkipWhen(Stack.IsBalanced, "Behind the balancer servers listen where it looks for them.");
        await using var server = await TestServer.StartAsync(["--urls", "http://0.0.0.0:0", "--Vna:Auth:Mode", "None"]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };
        client.DefaultRequestHeaders.Host = host;
        Assert.Equal(status, (int)(await client.GetAsync("/health/live")).StatusCode);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "http://localhost:1", 403)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("Origin", Trusted, 200)]
    [InlineData("Origin", "self", 200)]
    [InlineData("X-Nothing", "x", 200)]
    public async Task Write_FromAnotherOrigin_IsForbidden(string name, string value, int status)
    {
        var server = await servers.GetAsync("--Vna:Cors:Origins:0", Trusted);
        value = value == "self" ? server.Address.GetLeftPart(UriPartial.Authority) : value;
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete })
        {
            Assert.Equal(status, (int)(await server.SendAsync(method, "/studies", (name, value))).StatusCode);
        }
        Assert.Equal(200, (int)(await server.SendAsync(HttpMethod.Get, "/studies", (name, value))).StatusCode);
    }

    [Fact]
    public async Task Preflight_OfConfiguredOrigin_Is204WithItsHeaders()
    {
        var server = await servers.GetAsync("--Vna:Cors:Origins:0", Trusted);
        var response = await server.SendAsync(
            HttpMethod.Options, "/studies", ("Origin", Trusted), ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,accept,content-type,if-none-match,range"));
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(Trusted, Header(response, "Access-Control-Allow-Origin"));
        Assert.Contains("POST", Header(response, "Access-Control-Allow-Methods"));
        var allowed = Header(response, "Access-Control-Allow-Headers")!.ToLowerInvariant();
        Assert.All(["authorization", "accept", "content-type", "if-none-match", "range"], name => Assert.Contains(name, allowed));
    }

    [Theory]
    [InlineData("/studies", 200)]
    [InlineData("/unknown", 404)]
    [InlineData("/fails", 500)]
    public async Task Answer_ToConfiguredOrigin_ExposesHeadersAlsoOnErrors(string path, int status)
    {
        var server = await servers.GetAsync("--Vna:Cors:Origins:0", Trusted);
        var response = await server.SendAsync(HttpMethod.Get, path, ("Origin", Trusted));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(Trusted, Header(response, "Access-Control-Allow-Origin"));
        var exposed = Header(response, "Access-Control-Expose-Headers")!;
        Assert.All(
            ["Warning", "ETag", "Content-Location", "Content-Range", "Accept-Ranges", "Location", "X-Total-Count", "X-Total-Count-Relation"],
            name => Assert.Contains(name, exposed.Split(',')));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task Answer_ToOtherOrigin_HasNoCorsHeaders(string origin)
    {
        var server = await servers.GetAsync("--Vna:Cors:Origins:0", Trusted);
        Assert.Null(Header(await server.SendAsync(HttpMethod.Get, "/studies", ("Origin", origin)), "Access-Control-Allow-Origin"));
        var closed = await servers.GetAsync();
        Assert.Null(Header(await closed.SendAsync(HttpMethod.Get, "/studies", ("Origin", Trusted)), "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("", "", "http://localhost:7")]
    [InlineData("--Vna:PublicBaseUrl", "https://pacs.example/vna/", "https://pacs.example/vna")]
    [InlineData("--Vna:ForwardedHeaders:KnownProxies:0", "10.0.0.0/8", "http://localhost:7")]
    [InlineData("--Vna:ForwardedHeaders:KnownProxies:0", "127.0.0.1", "https://localhost:8443/vna")]
    [InlineData("--Vna:ForwardedHeaders:KnownProxies:0", "127.0.0.0/8", "https://localhost:8443/vna")]
    public async Task BaseUrl_ComesFromConfigurationOrKnownProxies(string name, string value, string expected)
    {
        var server = await servers.GetAsync(name.Length == 0 ? [] : [name, value]);
        var response = await server.SendAsync(
            HttpMethod.Get, "/base", ("Host", "localhost:7"), ("X-Forwarded-For", "10.0.0.9"), ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "localhost:8443"), ("X-Forwarded-Prefix", "/vna"));
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
