using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace VnaCloud.Server.Access;

/// <summary>
/// The OpenID provider: its endpoints and keys, read when they are first needed and again when a token is signed by a key that is not known.
/// What was read stays good while it does not answer.
/// </summary>
internal sealed class OidcProvider : IDisposable
{
    /// <summary>Bytes of a token, beyond which nobody's is.</summary>
    private const int MaxTokenBytes = 16 * 1024;
    private const int MaxAnswerBytes = 1024 * 1024;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    // Asymmetric ones: whoever has the public key must not be able to sign by it.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly OidcOptions _options;
    private readonly TimeProvider _time;
    private readonly TokenRights _rights;
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false })
    {
        Timeout = AnswerTimeout,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxTokenBytes, MapInboundClaims = false };
    private readonly ProviderDocument _document;

    public OidcProvider(OidcOptions options, TimeProvider time)
    {
        (_options, _time, _rights) = (options, time, new TokenRights(options));
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _document = new ProviderDocument(options.Authority!.TrimEnd('/'), _client, time);
    }

    /// <summary>Reads an access token.</summary>
    /// <exception cref="ProviderUnavailableException">The provider does not answer, and never did.</exception>
    public async Task<(Visitor? Visitor, string Why)> ReadAsync(string token, CancellationToken cancellation)
    {
        var (valid, why) = await ValidateAsync(token, _options.Audience!, cancellation);
        if (valid is null)
        {
            return (null, why);
        }
        using var claims = Claims(valid);
        return claims is null ? (null, "A claim of the token is there twice.") : (_rights.Read(valid, claims.RootElement, out why), why);
    }

    /// <summary>The identity token of a sign-in; null, and why, where it is not one of ours.</summary>
    public async Task<(JsonWebToken? Token, string Why)> ReadIdentityAsync(string token, string nonce, CancellationToken cancellation)
    {
        var (valid, why) = await ValidateAsync(token, _options.ClientId!, cancellation);
        return valid is null ? (null, why)
            : valid.TryGetPayloadValue<string>("nonce", out var said) && said == nonce ? (valid, "")
            : (null, "The identity token is not that of this sign-in.");
    }

    /// <summary>The provider's endpoints.</summary>
    /// <exception cref="ProviderUnavailableException">The provider does not answer, and never did.</exception>
    public Task<OpenIdConnectConfiguration> EndpointsAsync(CancellationToken cancellation) => _document.ReadAsync(null, cancellation);

    /// <summary>Exchanges a code, or anything else, at the token endpoint; null where the provider refuses.</summary>
    /// <exception cref="ProviderUnavailableException">The provider does not answer.</exception>
    public async Task<JsonDocument?> ExchangeAsync(Dictionary<string, string> form, CancellationToken cancellation)
    {
        var endpoints = await EndpointsAsync(cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoints.TokenEndpoint) { Content = new FormUrlEncodedContent(form) };
        if (_options.ClientSecret is { } secret)
        {
            // RFC 6749 2.3.1: both are form-encoded first.
            var credentials = $"{Uri.EscapeDataString(_options.ClientId!)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(credentials)));
        }
        try
        {
            using var answer = await _client.SendAsync(request, cancellation);
            if ((int)answer.StatusCode >= StatusCodes.Status500InternalServerError)
            {
                throw new ProviderUnavailableException($"The OpenID provider answers {(int)answer.StatusCode}.", null);
            }
            return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(cancellation)) : null;
        }
        catch (Exception down) when (down is HttpRequestException or JsonException || (down is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new ProviderUnavailableException("The OpenID provider does not answer.", down);
        }
    }

    public void Dispose()
    {
        _document.Dispose();
        _client.Dispose();
    }

    private async Task<(JsonWebToken? Token, string Why)> ValidateAsync(string token, string audience, CancellationToken cancellation)
    {
        if (token.Length > MaxTokenBytes || !_handler.CanReadToken(token))
        {
            return (null, "That is no token.");
        }
        var known = await EndpointsAsync(cancellation);
        var result = await _handler.ValidateTokenAsync(token, Parameters(known, audience));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && await _document.ReadAsync(newerThan: known, cancellation) is var newer && newer != known)
        {
            result = await _handler.ValidateTokenAsync(token, Parameters(newer, audience));
        }
        return result.IsValid ? ((JsonWebToken)result.SecurityToken, "") : (null, Why(result.Exception));
    }

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration provider, string audience) => new()
    {
        ValidIssuer = provider.Issuer,
        ValidAudience = audience,
        IssuerSigningKeys = provider.SigningKeys,
        ValidAlgorithms = Algorithms,
        TypeValidator = static (type, _, _) => type is null or "" or "JWT" or "jwt" or "at+jwt" or "application/at+jwt" ? "JWT" : throw new SecurityTokenInvalidTypeException(),
        LifetimeValidator = (notBefore, expires, _, _) => IsTime(notBefore, expires),
    };

    private bool IsTime(DateTime? notBefore, DateTime? expires)
    {
        var (now, skew) = (_time.GetUtcNow().UtcDateTime, TimeSpan.FromSeconds(_options.ClockSkewSeconds));
        return expires is { } end && now < end + skew && (notBefore is not { } begin || now >= begin - skew);
    }

    // Which of two equal claims counts depends on who reads them.
    private static JsonDocument? Claims(JsonWebToken token)
    {
        try
        {
            return JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Why(Exception? exception) => exception switch
    {
        SecurityTokenInvalidLifetimeException => "The token has expired or is not valid yet.",
        SecurityTokenInvalidAudienceException => "The token was made for another audience.",
        SecurityTokenInvalidIssuerException => "The token is another issuer's.",
        _ => "The token's signature or form is not valid.",
    };
}

/// <summary>Who signs in, or with which token, cannot be told now.</summary>
internal sealed class ProviderUnavailableException(string message, Exception? inner) : Exception(message, inner);
