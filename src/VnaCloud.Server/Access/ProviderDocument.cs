using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace VnaCloud.Server.Access;

/// <summary>
/// What the provider says of itself, with its keys. Unlike the library's manager, whoever needs a new key waits for it: that one refuses the first
/// token by a new key and reads the keys beside it, which would fail an upload.
/// </summary>
internal sealed class ProviderDocument(string authority, HttpClient client, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ReadAgain = TimeSpan.FromHours(1);

    // Else anybody could have the provider asked without end, by tokens of made-up keys.
    private static readonly TimeSpan NotSooner = TimeSpan.FromSeconds(1);

    private readonly HttpDocumentRetriever _retriever = new(client) { RequireHttps = authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase) };
    private readonly SemaphoreSlim _one = new(1);
    private OpenIdConnectConfiguration? _known;
    private DateTimeOffset _tried = DateTimeOffset.MinValue;

    /// <param name="newerThan">A document that lacked a key: a newer one is read if it can be.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ProviderUnavailableException">The provider does not answer, and never did.</exception>
    public async Task<OpenIdConnectConfiguration> ReadAsync(OpenIdConnectConfiguration? newerThan, CancellationToken cancellation)
    {
        if (_known is { } known && known != newerThan && time.GetUtcNow() - _tried < ReadAgain)
        {
            return known;
        }
        await _one.WaitAsync(cancellation);
        try
        {
            var isDue = _known is null || time.GetUtcNow() - _tried >= (_known == newerThan ? NotSooner : ReadAgain);
            if (isDue)
            {
                _known = await FetchAsync(cancellation) ?? _known;
                _tried = time.GetUtcNow();
            }
            return _known ?? throw new ProviderUnavailableException("The OpenID provider does not answer.", null);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<OpenIdConnectConfiguration?> FetchAsync(CancellationToken cancellation)
    {
        try
        {
            return await OpenIdConnectConfigurationRetriever.GetAsync($"{authority}/.well-known/openid-configuration", _retriever, cancellation);
        }
        catch (Exception down) when (!cancellation.IsCancellationRequested && down is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException or ArgumentException or System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
