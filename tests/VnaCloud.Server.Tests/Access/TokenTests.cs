using System.Net;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Access;

/// <summary>Bearer tokens: attacks.md 57 to 60.</summary>
public sealed class TokenTests(TokenTests.Site site) : IClassFixture<TokenTests.Site>
{
    [Fact]
    public async Task Token_Valid_LetsIn()
    {
        var (issuer, server) = await site.OpenAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("openid read write")));
    }

    [Fact]
    public async Task Request_WithoutToken_IsToldHow()
    {
        var (_, server) = await site.OpenAsync();

        using var answer = await server.GetAsync("studies");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer realm=\"vnacloud\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Contains("Sign in, or send a bearer token.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string> Broken => [.. Makers.Keys];

    private static readonly Dictionary<string, Func<TestIssuer, string>> Makers = new()
    {
        ["expired"] = issuer => issuer.Token("read", token => (token.NotBefore, token.Expires) = (TestIssuer.Now.AddHours(-2), TestIssuer.Now.AddMinutes(-2))),
        ["without expiry"] = issuer => issuer.Token("read", token => token.Expires = null),
        ["not valid yet"] = issuer => issuer.Token("read", token => token.NotBefore = TestIssuer.Now.AddMinutes(2)),
        ["another audience"] = issuer => issuer.Token("read", token => token.Audience = "urn:other"),
        ["without audience"] = issuer => issuer.Token("read", token => token.Audience = null),
        ["another issuer"] = issuer => issuer.Token("read", token => token.Issuer = "http://127.0.0.1:9"),
        ["without subject"] = issuer => issuer.Token("read", token => token.Claims.Remove("sub")),
        ["another's key"] = static _ => Unrelated(),
        ["alg none"] = issuer => Unsigned(issuer, "none", ""),
        ["alg None"] = issuer => Unsigned(issuer, "None", ""),
        ["no signature"] = issuer => $"{issuer.Token("read").Split('.')[0]}.{issuer.Token("read").Split('.')[1]}.",
        ["HS256 by the public key"] = Hs256,
        ["changed payload"] = issuer => Swapped(issuer),
        ["kid is a path"] = issuer => issuer.Token("read", token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(System.Security.Cryptography.RSA.Create(2048)) { KeyId = "../../dev/null" }, SecurityAlgorithms.RsaSha256)),
        ["kid is SQL"] = issuer => issuer.Token("read", token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(System.Security.Cryptography.RSA.Create(2048)) { KeyId = "' OR 1=1 --" }, SecurityAlgorithms.RsaSha256)),
        ["a claim twice"] = issuer => issuer.Signed($$"""{"iss":"{{issuer.Url}}","aud":"{{TestIssuer.Audience}}","sub":"alice","sub":"bob","scope":"read","exp":{{TimeProvider.System.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds()}}}"""),
        ["another type"] = issuer => issuer.Token("read", token => token.TokenType = "logout+jwt"),
        ["too long"] = issuer => issuer.Token("read", token => token.Claims["pad"] = new string('x', 14_000)),
        ["nonsense"] = static _ => "x.y.z",
        ["one word"] = static _ => "abc",
        ["patient's without patient"] = issuer => issuer.Token("patient/ImagingStudy.rs"),
    };

    [Theory]
    [MemberData(nameof(Broken))]
    [Trait("attacks", "57")]
    public async Task Token_Broken_Is401(string what)
    {
        Assert.SkipWhen(what == "too long" && Stack.IsBalanced, "nginx takes no header of that size and answers 400 itself.");
        var (issuer, server) = await site.OpenAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read")));

        using var answer = await server.GetAsync("studies", ("Authorization", $"Bearer {Makers[what](issuer)}"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("error=\"invalid_token\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic YWxpY2U6c2VjcmV0")]
    [InlineData("Bearer")]
    [InlineData("Digest x")]
    public async Task Authorization_OfAnotherKind_Is401(string header)
    {
        var (_, server) = await site.OpenAsync();

        using var answer = await server.GetAsync("studies", ("Authorization", header));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    [Trait("attacks", "59")]
    public async Task Token_InTheQuery_IsNotRead()
    {
        var (issuer, server) = await site.OpenAsync();
        var token = issuer.Token("read");

        using var answer = await server.GetAsync($"studies?access_token={token}");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain(server.Server.Log.Lines, line => line.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Token_WithinTheSkew_LetsIn()
    {
        var (issuer, server) = await site.OpenAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read", token => (token.NotBefore, token.Expires) = (TestIssuer.Now.AddHours(-1), TestIssuer.Now.AddSeconds(-30)))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read", token => token.NotBefore = TestIssuer.Now.AddSeconds(30))));
    }

    [Fact]
    public async Task Keys_Rotated_AreReadAgainForTheFirstTokenByTheNewOne()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        var old = issuer.Token("read");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, old));
        await Task.Delay(TimeSpan.FromSeconds(1.1)); // as often as keys are looked for

        issuer.Rotate();

        for (var i = 0; i < 2 * server.Server.Count; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read")));
        }
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, old));
    }

    [Fact]
    public async Task Keys_AreNotReadForEveryTokenByAnUnknownOne()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read")));

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, Unrelated()));
        }

        Assert.InRange(issuer.KeyReads, 1, 20 * server.Server.Count);
    }

    [Fact]
    public async Task Provider_Down_FromTheStartIs503_LaterIsNotNoticed()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        issuer.IsDown = true;

        using (var unknown = await server.GetAsync("studies", ("Authorization", $"Bearer {issuer.Token("read")}")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
            Assert.NotNull(unknown.Headers.RetryAfter);
        }
        issuer.IsDown = false;
        for (var i = 0; i < 2 * server.Server.Count; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read")));
        }
        issuer.IsDown = true;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, issuer.Token("read")));
    }

    [Fact]
    public async Task Roles_LimitScopes()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync([.. issuer.Settings, "--Vna:Auth:Oidc:Roles:0=reader=read", "--Vna:Auth:Oidc:Roles:1=technician=read,write", "--Vna:Auth:Oidc:RolesClaim=realm_access.roles"]);
        string Of(string scope, params string[] roles) => issuer.Token(scope, token => token.Claims["realm_access"] = new Dictionary<string, object> { ["roles"] = roles });

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, Of("read write", "reader")));
        Assert.Equal(HttpStatusCode.Forbidden, await StoreAsync(server, Of("read write", "reader")));
        Assert.Equal(HttpStatusCode.OK, await StoreAsync(server, Of("read write", "reader", "technician")));
        Assert.Equal(HttpStatusCode.Forbidden, await StoreAsync(server, Of("read", "technician")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(server, Of("read write", "visitor")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(server, issuer.Token("read")));
    }

    [Theory]
    [InlineData("user/ImagingStudy.rs", true, false)]
    [InlineData("system/*.cruds", true, true)]
    [InlineData("user/ImagingStudy.read user/ImagingStudy.write", true, true)]
    [InlineData("user/ImagingStudy.r", false, false)]
    [InlineData("user/Patient.rs openid launch/patient", false, false)]
    public async Task SmartScopes_AreRights(string scope, bool reads, bool writes)
    {
        var (issuer, server) = await site.OpenAsync();

        Assert.Equal(reads ? HttpStatusCode.OK : HttpStatusCode.Forbidden, await StatusAsync(server, issuer.Token(scope)));
        Assert.Equal(writes ? HttpStatusCode.OK : HttpStatusCode.Forbidden, await StoreAsync(server, issuer.Token(scope)));
    }

    private static async Task<HttpStatusCode> StatusAsync(WireServer server, string token)
    {
        using var answer = await server.GetAsync("studies", ("Authorization", $"Bearer {token}"));
        return answer.StatusCode;
    }

    private static Task<HttpStatusCode> StoreAsync(WireServer server, string token) => server.StoreAsAsync(token, Files.Ct("1.1"));

    private static string Unrelated()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        return new Microsoft.IdentityModel.JsonWebTokens.JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "http://127.0.0.1:9",
            Audience = TestIssuer.Audience,
            Expires = TestIssuer.Now.AddMinutes(5),
            Claims = new Dictionary<string, object> { ["sub"] = "mallory", ["scope"] = "read" },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = Guid.NewGuid().ToString("N") }, SecurityAlgorithms.RsaSha256),
        });
    }

    private static string Unsigned(TestIssuer issuer, string algorithm, string signature) =>
        $"{Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT"}""")}.{issuer.Token("read").Split('.')[1]}.{signature}";

    private static string Hs256(TestIssuer issuer)
    {
        var text = $"{Base64UrlEncoder.Encode("""{"alg":"HS256","typ":"JWT","kid":"k1"}""")}.{issuer.Token("read").Split('.')[1]}";
        var key = Encoding.ASCII.GetBytes(issuer.Key.ExportSubjectPublicKeyInfoPem());
        return $"{text}.{Base64UrlEncoder.Encode(System.Security.Cryptography.HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text)))}";
    }

    private static string Swapped(TestIssuer issuer)
    {
        var (few, many) = (issuer.Token("openid").Split('.'), issuer.Token("read write delete admin").Split('.'));
        return $"{few[0]}.{many[1]}.{few[2]}";
    }

    /// <summary>An issuer that stays as it is, and a server that believes it, for the tests that only ask.</summary>
    public sealed class Site : IAsyncDisposable
    {
        private (TestIssuer Issuer, WireServer Server)? _open;

        internal async Task<(TestIssuer Issuer, WireServer Server)> OpenAsync()
        {
            if (_open is null)
            {
                var issuer = await TestIssuer.StartAsync();
                _open = (issuer, await WireServer.StartAsync(issuer.Settings));
            }
            return _open.Value;
        }

        public async ValueTask DisposeAsync()
        {
            if (_open is var (issuer, server))
            {
                await server.DisposeAsync();
                await issuer.DisposeAsync();
            }
        }
    }
}
