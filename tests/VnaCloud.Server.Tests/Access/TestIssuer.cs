using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace VnaCloud.Server.Tests.Access;

/// <summary>An issuer of tokens whose keys and every claim a test decides, also those that no honest one would give.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "urn:vna";

    private readonly WebApplication _app;
    private RSA _rsa = RSA.Create(2048);
    private string _keyId = "k1";

    private TestIssuer(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    public static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>Answers to requests for its keys so far.</summary>
    public int KeyReads { get; private set; }

    /// <summary>Answers 500 to everything.</summary>
    public bool IsDown { get; set; }

    public RSA Key => _rsa;

    public string[] Settings => ["--Vna:Auth:Mode=Oidc", $"--Vna:Auth:Oidc:Authority={Url}", $"--Vna:Auth:Oidc:Audience={Audience}"];

    public static async Task<TestIssuer> StartAsync(string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var issuer = new TestIssuer(builder.Build());
        issuer._app.Use(async (context, next) =>
        {
            if (issuer.IsDown)
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            }
            await next(context);
        });
        issuer._app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = issuer.Url, jwks_uri = $"{issuer.Url}/keys", authorization_endpoint = $"{issuer.Url}/auth", token_endpoint = $"{issuer.Url}/token",
        }));
        issuer._app.MapGet("/keys", () =>
        {
            issuer.KeyReads++;
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(issuer._rsa.ExportParameters(false)) { KeyId = issuer._keyId });
            return Results.Json(new { keys = new[] { new { kty = key.Kty, kid = key.Kid, use = "sig", alg = "RS256", n = key.N, e = key.E } } });
        });
        issuer._app.Urls.Add(address);
        await issuer._app.StartAsync();
        issuer.Url = issuer._app.Urls.First();
        return issuer;
    }

    /// <summary>From now on it signs with another key, and no longer says the one before.</summary>
    public void Rotate() => (_rsa, _keyId) = (RSA.Create(2048), $"k{Guid.NewGuid():N}");

    /// <summary>A valid token, but for what is changed.</summary>
    public string Token(string scope, Action<SecurityTokenDescriptor>? change = null, string subject = "alice")
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Url,
            Audience = Audience,
            IssuedAt = Now,
            NotBefore = Now.AddMinutes(-1),
            Expires = Now.AddMinutes(5),
            Claims = new Dictionary<string, object> { ["sub"] = subject, ["scope"] = scope },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = _keyId }, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    /// <summary>A token of this payload, as it stands, with a valid signature.</summary>
    public string Signed(string payload)
    {
        var header = Base64UrlEncoder.Encode($$"""{"alg":"RS256","typ":"JWT","kid":"{{_keyId}}"}""");
        var text = $"{header}.{Base64UrlEncoder.Encode(payload)}";
        return $"{text}.{Base64UrlEncoder.Encode(_rsa.SignData(System.Text.Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
