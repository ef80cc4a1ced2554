using System.Net;
using System.Text.Json;

namespace VnaCloud.EndToEnd.Tests.Outage;

/// <summary>A consumer of the change feed, which keeps its cursor and notices a gap.</summary>
internal sealed class ChangeFeed(Uri server) : IDisposable
{
    private const int Limit = 500;
    private HttpClient _http = new() { BaseAddress = server };
    private string? _after;
    private long _last;

    /// <summary>SOP Instance UIDs of the "create" changes, in their order.</summary>
    public List<string> Created { get; } = [];

    /// <summary>Goes on with another server.</summary>
    public void Use(Uri other)
    {
        _http.Dispose();
        _http = new HttpClient { BaseAddress = other };
    }

    /// <summary>Reads what there is; false when the feed has begun anew.</summary>
    public async Task<bool> ReadAsync()
    {
        for (var count = Limit; count == Limit;)
        {
            using var answer = await _http.GetAsync(new Uri($"changes?limit={Limit}{(_after is null ? "" : $"&after={_after}")}", UriKind.Relative));
            if (answer.StatusCode is HttpStatusCode.Gone)
            {
                return false;
            }
            if (answer.StatusCode is HttpStatusCode.ServiceUnavailable)
            {
                return true;
            }
            answer.EnsureSuccessStatusCode();
            using var page = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
            count = 0;
            foreach (var change in page.RootElement.GetProperty("changes").EnumerateArray())
            {
                count++;
                var sequence = change.GetProperty("sequence").GetInt64();
                Assert.Equal(_last + 1, sequence);
                _last = sequence;
                if (change.GetProperty("action").GetString() == "create")
                {
                    Created.Add(change.GetProperty("sopInstanceUid").GetString()!);
                }
            }
            _after = page.RootElement.GetProperty("next").GetString();
        }
        return true;
    }

    public void Dispose() => _http.Dispose();
}
