using System.Net.Http.Headers;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>A gateway that gets its tokens from an OpenID provider.</summary>
public sealed class ClientCredentialsTests
{
    [Fact]
    public async Task Objects_GoIntoAnArchiveThatAsksForTokens()
    {
        var (provider, whyNot) = await OidcServer.StartAsync("alice", TestContext.Current.CancellationToken);
        Assert.SkipWhen(provider is null, whyNot ?? "");
        await using var running = provider;
        await using var server = await ServerProcess.StartAsync(null, provider.Settings);
        using var secret = new SecretFile("gateway-secret");
        await using var forwarding = new TestForwarding(new Uri(server.BaseUrl, "dicom-web"), client: ($"{provider.Url}/token", "gateway", secret.Path));
        await forwarding.ReceiveAsync(20, studies: 2);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();

        Assert.Equal(20, forwarding.Spool.Files("sent").Length);
        Assert.Empty(forwarding.Spool.Files("quarantined"));
    }

    [Fact]
    public async Task Token_IsAskedForOnce_AgainWhenRefused_AndWhenNearlyOver()
    {
        var given = 0;
        await using var endpoint = new ScriptedService(async exchange =>
        {
            Assert.Contains("grant_type=client_credentials", System.Text.Encoding.ASCII.GetString(await exchange.BodyAsync()), StringComparison.Ordinal);
            Assert.Equal($"Basic {Convert.ToBase64String("g%26w:s%3Acret"u8)}", exchange.Headers["Authorization"]);
            await exchange.AnswerAsync(200, $$"""{"access_token":"t{{++given}}","expires_in":300}""", "application/json");
        });
        using var secret = new SecretFile("s:cret\n");
        var time = new StandingTime();
        var credentials = new ClientCredentials(endpoint.Url.AbsoluteUri, "g&w", secret.Path, "write", time);

        var first = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ => (await credentials.GetAsync(false, default))!.Parameter));
        Assert.All(first, token => Assert.Equal("t1", token));
        Assert.Equal("t1", (await credentials.GetAsync(true, default))!.Parameter); // it was asked for this moment
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("t2", (await credentials.GetAsync(true, default))!.Parameter);
        time.Advance(TimeSpan.FromSeconds(269));
        Assert.Equal("t2", (await credentials.GetAsync(false, default))!.Parameter);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(new AuthenticationHeaderValue("Bearer", "t3"), await credentials.GetAsync(false, default));
        Assert.Empty(endpoint.Failures);
    }

    [Theory]
    [InlineData(500, "{}")]
    [InlineData(401, """{"error":"invalid_client"}""")]
    [InlineData(200, "{}")]
    [InlineData(200, "<html>")]
    [InlineData(200, "[]")]
    public async Task Endpoint_ThatGivesNone_IsAFaultThatPasses(int status, string body)
    {
        var works = false;
        await using var endpoint = new ScriptedService(async exchange =>
        {
            await exchange.BodyAsync();
            await exchange.AnswerAsync(works ? 200 : status, works ? """{"access_token":"t"}""" : body, "application/json");
        });
        using var secret = new SecretFile("secret");
        var credentials = new ClientCredentials(endpoint.Url.AbsoluteUri, "g", secret.Path, "write", TimeProvider.System);

        await Assert.ThrowsAsync<IOException>(async () => await credentials.GetAsync(false, default));
        works = true;
        Assert.Equal("t", (await credentials.GetAsync(false, default))!.Parameter);
    }

    private sealed class StandingTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }

    private sealed class SecretFile : IDisposable
    {
        public SecretFile(string secret) => File.WriteAllText(Path, secret);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
