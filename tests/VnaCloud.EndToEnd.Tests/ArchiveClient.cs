using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace VnaCloud.EndToEnd.Tests;

/// <summary>What a STOW answer said of each SOP Instance UID; a failure is its reason (0008,1197).</summary>
internal sealed record StowReply(HttpStatusCode Status, FrozenSet<string> Stored, FrozenDictionary<string, int> Failed);

/// <summary>As much of a DICOMweb client as the tests of a whole server need. Answers are read to their end.</summary>
internal sealed class ArchiveClient : IDisposable
{
    private const string Root = "dicom-web/";
    private readonly HttpClient _http;

    public ArchiveClient(Uri server, int connections = 64)
    {
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections })
        {
            BaseAddress = new Uri(server, Root),
            Timeout = TimeSpan.FromMinutes(5),
        };
    }

    public void Dispose() => _http.Dispose();

    public async Task<StowReply> StowAsync(HttpContent body, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "studies") { Content = body };
        request.Headers.Accept.ParseAdd("application/dicom+json");
        using var answer = await _http.SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsByteArrayAsync(cancellation);
        if (answer.Content.Headers.ContentType?.MediaType != "application/dicom+json")
        {
            return new StowReply(answer.StatusCode, FrozenSet<string>.Empty, FrozenDictionary<string, int>.Empty);
        }
        using var json = JsonDocument.Parse(text);
        return new StowReply(
            answer.StatusCode,
            Items(json.RootElement, "00081199").Select(item => Text(item, "00081155")).ToFrozenSet(),
            Items(json.RootElement, "00081198").ToFrozenDictionary(item => Text(item, "00081155"), item => Number(item, "00081197")));
    }

    public Task<StowReply> StowAsync(params IReadOnlyList<byte[]> files) => StowAsync(new StowBody(files));

    public async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var answer = await _http.DeleteAsync(new Uri(path, UriKind.Relative));
        await answer.Content.ReadAsByteArrayAsync();
        return answer.StatusCode;
    }

    /// <summary>A QIDO-RS search; the matches, detached from their document.</summary>
    public async Task<IReadOnlyList<JsonElement>> SearchAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/dicom+json");
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET {path}: {answer.StatusCode} {System.Text.Encoding.UTF8.GetString(text)}");
        using var json = JsonDocument.Parse(text);
        return [.. json.RootElement.EnumerateArray().Select(match => match.Clone())];
    }

    /// <summary>A page of the change feed: what was done with which SOP Instance UID, and the cursor behind it.</summary>
    public async Task<(IReadOnlyList<(string Action, string Sop)> Changes, string Next)> ChangesAsync(string? after)
    {
        using var answer = await _http.GetAsync(new Uri($"/changes?limit=1000{(after is null ? "" : $"&after={after}")}", UriKind.Relative));
        var text = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET /changes: {answer.StatusCode}");
        using var json = JsonDocument.Parse(text);
        return ([.. json.RootElement.GetProperty("changes").EnumerateArray()
            .Select(change => (change.GetProperty("action").GetString()!, change.GetProperty("sopInstanceUid").GetString()!))], json.RootElement.GetProperty("next").GetString()!);
    }

    /// <summary>The stored file of an instance.</summary>
    public async Task<byte[]> FileAsync(string path)
    {
        using var answer = await SendAsync(path, "application/dicom; transfer-syntax=*");
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>The status of a stored file's answer and, where it is 200, the SHA-256 of its body.</summary>
    public async Task<(HttpStatusCode Status, string? Hash)> TryHashAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/dicom; transfer-syntax=*"));
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        return (answer.StatusCode, answer.StatusCode == HttpStatusCode.OK ? Convert.ToHexString(await SHA256.HashDataAsync(body)) : null);
    }

    /// <summary>SHA-256 of the stored file of an instance.</summary>
    public async Task<string> HashAsync(string path)
    {
        using var answer = await SendAsync(path, "application/dicom; transfer-syntax=*");
        await using var body = await answer.Content.ReadAsStreamAsync();
        return Convert.ToHexString(await SHA256.HashDataAsync(body));
    }

    /// <summary>The answer to a GET as soon as its headers are there; anything but 200 fails.</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            var status = answer.StatusCode;
            answer.Dispose();
            Assert.Fail($"GET {path}: {status}");
        }
        return answer;
    }

    /// <summary>The first value of an attribute in DICOM JSON.</summary>
    public static string Text(JsonElement item, string tag) => Value(item, tag).GetString()!;

    public static int Number(JsonElement item, string tag) => Value(item, tag) is { ValueKind: JsonValueKind.String } text
        ? int.Parse(text.GetString()!, CultureInfo.InvariantCulture)
        : Value(item, tag).GetInt32();

    private static JsonElement Value(JsonElement item, string tag) => item.GetProperty(tag).GetProperty("Value")[0];

    private static JsonElement.ArrayEnumerator Items(JsonElement root, string tag) =>
        root.TryGetProperty(tag, out var sequence) ? sequence.GetProperty("Value").EnumerateArray() : default;
}
