using System.Net;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Access;

/// <summary>Signing in at a real OpenID provider, as a browser does it.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task SignIn_LeadsBack_WithTheRightsOfTheRole()
    {
        await using var provider = await ProviderAsync("alice");
        await using var server = await WireServer.StartAsync(provider.Settings);
        using var browser = new Browser();

        var landed = await browser.GoAsync($"{server.Server.Address}?q=x");

        Assert.True(landed.Status == HttpStatusCode.OK, landed.Body);
        Assert.Equal($"{server.Server.Address}?q=x", landed.Url);
        Assert.Equal("""{"name":"Alice Reader","rights":["read","write","share"],"guest":false,"limited":false,"download":true,"signedIn":true}""",
            (await browser.GoAsync($"{server.Server.Address}access/me")).Body);
        Assert.Equal(HttpStatusCode.OK, (await browser.GoAsync($"{server.DicomWeb}/studies")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GoAsync($"{server.Server.Address}audit")).Status);
    }

    [Fact]
    public async Task Callback_OfAnotherBrowser_IsRefused()
    {
        await using var provider = await ProviderAsync("alice");
        await using var server = await WireServer.StartAsync(provider.Settings);
        using var attacker = new Browser { StopsAt = "/access/callback" };
        var stolen = (await attacker.GoAsync($"{server.Server.Address}")).Url;
        Assert.Contains("code=", stolen, StringComparison.Ordinal);
        using var victim = new Browser();

        Assert.Equal(HttpStatusCode.Unauthorized, (await victim.GoAsync(stolen)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await victim.GoAsync($"{server.DicomWeb}/studies")).Status);
    }

    [Fact]
    public async Task ProviderDown_TheSignInSaysSo_AndSessionsGoOn()
    {
        var provider = await ProviderAsync("root");
        await using var server = await WireServer.StartAsync(provider.Settings);
        using var browser = new Browser();
        await browser.GoAsync($"{server.Server.Address}");
        await provider.DisposeAsync();

        Assert.Equal(HttpStatusCode.OK, (await browser.GoAsync($"{server.Server.Address}audit")).Status);
        await using var fresh = await WireServer.StartAsync(provider.Settings);
        using var other = new Browser();
        var refused = await other.GoAsync($"{fresh.Server.Address}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("The OpenID provider does not answer.", refused.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientCredentials_OfTheGateway_MayStoreAndNotDelete()
    {
        await using var provider = await ProviderAsync("alice");
        await using var server = await WireServer.StartAsync(provider.Settings);
        var token = await provider.TokenAsync("read write delete");

        Assert.Equal(HttpStatusCode.OK, await server.StoreAsAsync(token, Files.Ct("1.1")));
        using var deleted = await server.SendAsync("DELETE", $"studies/{Files.Study}", ("Authorization", $"Bearer {token}"));
        Assert.Equal(HttpStatusCode.Forbidden, deleted.StatusCode);
    }

    private static async Task<OidcServer> ProviderAsync(string who)
    {
        var (provider, whyNot) = await OidcServer.StartAsync(who, TestContext.Current.CancellationToken);
        Assert.SkipWhen(provider is null, whyNot ?? "");
        return provider;
    }

    /// <summary>Follows redirects with cookies, each host with its own port's.</summary>
    private sealed class Browser : IDisposable
    {
        private readonly Dictionary<string, CookieContainer> _cookies = [];
        private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

        public string StopsAt { get; init; } = "\0";

        public async Task<(HttpStatusCode Status, string Url, string Body)> GoAsync(string url)
        {
            for (var hops = 0; hops < 20; hops++)
            {
                var target = new Uri(url);
                if (target.AbsolutePath == StopsAt)
                {
                    return (HttpStatusCode.Redirect, url, "");
                }
                if (!_cookies.TryGetValue(target.Authority, out var jar))
                {
                    _cookies.Add(target.Authority, jar = new CookieContainer());
                }
                using var request = new HttpRequestMessage(HttpMethod.Get, target);
                request.Headers.TryAddWithoutValidation("Cookie", jar.GetCookieHeader(target));
                using var answer = await _client.SendAsync(request);
                foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
                {
                    jar.SetCookies(target, cookie);
                }
                if (answer.Headers.Location is not { } location)
                {
                    return (answer.StatusCode, url, await answer.Content.ReadAsStringAsync());
                }
                url = new Uri(target, location).AbsoluteUri;
            }
            throw new InvalidOperationException("Too many redirects.");
        }

        public void Dispose() => _client.Dispose();
    }
}
