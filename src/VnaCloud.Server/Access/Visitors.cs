using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Access;

/// <summary>Tells who sent a request: by its Authorization header, else by who signed in, else by an opened share link.</summary>
internal sealed class Visitors(AuthOptions options, ApiKeys keys, Sessions sessions, Guests guests, ArchiveHost archive, OidcProvider? provider = null)
{
    private const string Scheme = "Bearer ";

    /// <summary>The visitor; null, and why, for nobody. An empty reason: no sign of who it is was sent.</summary>
    /// <exception cref="ProviderUnavailableException">It cannot be told now.</exception>
    public async Task<(Visitor? Visitor, string Why)> ReadAsync(HttpContext context)
    {
        if (!options.IsOn)
        {
            return (Visitor.Anonymous, "");
        }
        // What was sent on purpose counts: a wrong token is not saved by a cookie.
        if (context.Request.Headers.Authorization is { Count: > 0 } header)
        {
            return header is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? await BearerAsync(text[Scheme.Length..].Trim(), context.RequestAborted)
                : (null, "Authorization must be 'Bearer' and a token or key.");
        }
        if (archive.NotReady is { } reason && context.Request.Cookies.Count > 0)
        {
            throw new ProviderUnavailableException(reason, null);
        }
        return (context.Request.Cookies.Count == 0 ? null : sessions.Read(context) ?? await guests.ReadAsync(context), "");
    }

    private async Task<(Visitor? Visitor, string Why)> BearerAsync(string token, CancellationToken cancellation) =>
        provider is not null ? await provider.ReadAsync(token, cancellation)
        : keys.Find(token) is { } key ? (key.Visitor, "")
        : (null, "There is no such key.");
}
