using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>Tokens by client credentials (RFC 6749 4.4): asked for when there is none, when the last is nearly over, and when the archive does not take it.</summary>
internal sealed class ClientCredentials(string tokenUrl, string clientId, string secretFile, string scope, TimeProvider time)
{
    private const int MaxAnswerBytes = 256 * 1024;
    private const int DefaultSeconds = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NotSooner = TimeSpan.FromSeconds(1);
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    private readonly Lock _lock = new();
    private Task<(AuthenticationHeaderValue Token, DateTimeOffset Until)>? _asked;
    private DateTimeOffset _askedAt;

    /// <summary>The credentials for a request.</summary>
    /// <param name="renew">The last ones were refused.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="IOException">The provider gives none now: the request is tried again later.</exception>
    public async ValueTask<AuthenticationHeaderValue?> GetAsync(bool renew, CancellationToken cancellation)
    {
        Task<(AuthenticationHeaderValue Token, DateTimeOffset Until)> asked;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var isOver = _asked is null || _asked.IsFaulted || (_asked.IsCompletedSuccessfully && (now >= _asked.Result.Until || (renew && now - _askedAt >= NotSooner)));
            if (isOver)
            {
                // For all who wait, so that none of them can cancel it.
                (_asked, _askedAt) = (AskAsync(now), now);
            }
            asked = _asked!;
        }
        return (await asked.WaitAsync(cancellation)).Token;
    }

    private async Task<(AuthenticationHeaderValue Token, DateTimeOffset Until)> AskAsync(DateTimeOffset now)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, tokenUrl)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["scope"] = scope }),
        };
        // RFC 6749 2.3.1: both are form-encoded first.
        var secret = (await File.ReadAllTextAsync(secretFile)).Trim();
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(clientId)}:{Uri.EscapeDataString(secret)}")));
        try
        {
            using var answer = await Client.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                throw new IOException($"The token endpoint answered {(int)answer.StatusCode}.");
            }
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
            var token = body.RootElement.GetProperty("access_token").GetString();
            var seconds = body.RootElement.TryGetProperty("expires_in", out var value) && value.TryGetInt32(out var given) ? given : DefaultSeconds;
            var life = TimeSpan.FromSeconds(Math.Max(seconds, 1));
            return (new AuthenticationHeaderValue("Bearer", token), now + (life > 2 * Early ? life - Early : life / 2));
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or OperationCanceledException)
        {
            throw new IOException("The token endpoint does not answer as one does.", failure);
        }
    }
}
