using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.SignIn;

/// <summary>
/// Authorization code with PKCE (RFC 7636). What the access token allows is what the session allows, read as from any client; neither token
/// reaches the browser.
/// </summary>
internal sealed class OidcSignIn(AuthOptions options, OidcProvider provider, Sessions sessions, AccessTrail trail, BaseUrl baseUrl, IDataProtectionProvider protection, TimeProvider time)
{
    private const int RandomBytes = 32;
    private const int MaxReturn = 2_000;
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(15);

    private readonly ProtectedCookie<SignInState> _cookie = new("vna-sign-in", SameSiteMode.Lax, CookieJson.Default.SignInState, protection);

    public async Task<IResult> BeginAsync(HttpContext context)
    {
        if (options.Oidc.ClientId is not { } client)
        {
            return new Problem(StatusCodes.Status404NotFound, "People cannot sign in here: set Vna:Auth:Oidc:ClientId.");
        }
        var endpoints = await provider.EndpointsAsync(context.RequestAborted);
        var state = new SignInState(Random(), Random(), Random(), Local(context.Request.Query["return"].ToString()), time.GetUtcNow().ToUnixTimeSeconds());
        _cookie.Write(context, state);
        var challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(state.Verifier)));
        var query = new QueryBuilder
        {
            { "client_id", client }, { "response_type", "code" }, { "redirect_uri", CallbackOf(context.Request) }, { "scope", options.Oidc.Scopes },
            { "state", state.State }, { "nonce", state.Nonce }, { "code_challenge", challenge }, { "code_challenge_method", "S256" },
        };
        return Results.Redirect($"{endpoints.AuthorizationEndpoint}{(endpoints.AuthorizationEndpoint.Contains('?', StringComparison.Ordinal) ? $"&{query.ToQueryString().Value![1..]}" : query)}");
    }

    public async Task<IResult> EndAsync(HttpContext context)
    {
        var query = context.Request.Query;
        context.Response.Headers.CacheControl = "no-store";
        if (_cookie.Read(context.Request) is not { } state || query["state"] != state.State || time.GetUtcNow().ToUnixTimeSeconds() - state.Begun > MaxAge.TotalSeconds)
        {
            return Refuse(context, "This sign-in was not begun in this browser, or took too long. Go back and sign in again.");
        }
        _cookie.Delete(context);
        if (query["code"] is not [{ Length: > 0 } code])
        {
            return Refuse(context, "The provider did not let you in.");
        }
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = CallbackOf(context.Request),
            ["code_verifier"] = state.Verifier,
        };
        if (options.Oidc.ClientSecret is null)
        {
            form["client_id"] = options.Oidc.ClientId!;
        }
        using var answer = await provider.ExchangeAsync(form, context.RequestAborted);
        if (answer is null || Text(answer, "access_token") is not { } access || Text(answer, "id_token") is not { } identity)
        {
            return Refuse(context, "The provider gave no tokens for this sign-in.");
        }
        var (id, why) = await provider.ReadIdentityAsync(identity, state.Nonce, context.RequestAborted);
        if (id is null)
        {
            return Refuse(context, why);
        }
        (var visitor, why) = await provider.ReadAsync(access, context.RequestAborted);
        if (visitor is null)
        {
            return Refuse(context, $"The access token cannot be used here: {why} It has to be a JWT for the audience in Vna:Auth:Oidc:Audience.");
        }
        if (visitor.Who != id.Subject)
        {
            return Refuse(context, "The tokens are not of the same person.");
        }
        sessions.Begin(context, visitor, null);
        trail.Add(context, "sign-in", "allowed", visitor.Who);
        return Results.Redirect($"{baseUrl.PathOf(context.Request)}{state.Return}");
    }

    private string CallbackOf(HttpRequest request) => $"{baseUrl.Of(request)}/access/callback";

    private Problem Refuse(HttpContext context, string why)
    {
        trail.Add(context, "sign-in", "refused", "nobody");
        return new Problem(StatusCodes.Status401Unauthorized, why);
    }

    /// <summary>A path of this server, whatever was asked for: the way back must not lead to another site.</summary>
    internal static string Local(string path) =>
        path.Length is > 0 and <= MaxReturn && path[0] == '/' && !path.AsSpan(1).StartsWith("/") && !path.Contains('\\', StringComparison.Ordinal) && !path.Any(char.IsControl) ? path : "/";

    private static string Random() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(RandomBytes));

    private static string? Text(JsonDocument answer, string name) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
