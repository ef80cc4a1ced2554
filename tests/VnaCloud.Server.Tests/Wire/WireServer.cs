using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Server.Tests.Hosting;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wire;

/// <summary>The whole server over Kestrel on a data folder of its own.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    public const string StowType = "multipart/related; type=\"application/dicom\"; boundary=b";

    private static readonly LentServers<WireServer> Lent = new(static () => StartAsync(), static server => server.EmptyAsync());

    private readonly TestServer _server;
    private readonly bool _ownsFolder;
    private HashSet<string> _before = [];

    private WireServer(string folder, bool ownsFolder, TestServer server) => (Folder, _ownsFolder, _server) = (folder, ownsFolder, server);

    public string Folder { get; }

    public TestServer Server => _server;

    public HttpClient Client => _server.Client;

    public string DicomWeb => $"{_server.Address.GetLeftPart(UriPartial.Authority)}/dicom-web";

    /// <summary>A server that nobody used before.</summary>
    public static Task<WireServer> StartAsync(params string[] args) => StartAtAsync(null, null, args);

    /// <summary>
    /// A server with default settings, which is given back in the end and may have served other tests: what they stored is deleted, and
    /// <see cref="ObjectsAsync"/> leaves out what they left. For tests of answers; those of logs, of decisions and of what is kept start their own.
    /// </summary>
    public static Task<WireServer> BorrowAsync() => Lent.BorrowAsync();

    /// <summary>Stops the servers that tests have given back.</summary>
    public static Task StopIdleAsync() => Lent.StopAsync();

    /// <param name="folder">A data folder that outlives the server, or null.</param>
    /// <param name="services">Last word on services.</param>
    /// <param name="args">Settings.</param>
    public static async Task<WireServer> StartAtAsync(string? folder, Action<IServiceCollection>? services, params string[] args)
    {
        var owned = folder is null;
        folder ??= Directory.CreateTempSubdirectory("vnacloud-wire-").FullName;
        return new WireServer(folder, owned, await TestServer.StartAsync(["--Vna:Storage:Path", folder, .. args], null, services));
    }

    /// <summary>Objects of the store as files: those of the folder, temporary ones included, or copies of the bucket's.</summary>
    public async Task<string[]> ObjectsAsync(string pattern = "*")
    {
        var folder = Path.Combine(Folder, "objects");
        if (Stack.IsCloud)
        {
            var store = _server.App.Services.GetRequiredService<IObjectStore>();
            folder = Directory.CreateDirectory(Path.Combine(Folder, $"copy-{Guid.NewGuid():N}")).FullName;
            foreach (var key in (await KeysAsync()).Where(key => !_before.Contains(key)))
            {
                var bytes = new byte[(await store.LengthAsync(key, CancellationToken.None))!.Value];
                Assert.Equal(bytes.Length, await store.ReadAsync(key, 0, bytes, CancellationToken.None));
                var path = Path.Combine(folder, key);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, bytes);
            }
        }
        return [.. Directory.GetFiles(folder, pattern, SearchOption.AllDirectories).Where(path => !_before.Contains(Path.GetRelativePath(folder, path)))];
    }

    /// <summary>Cuts the one pack of the store off after some bytes.</summary>
    public async Task CutPackAsync(int length)
    {
        if (Stack.IsCloud)
        {
            await Stack.CutAsync(Folder, (await KeysAsync("t/")).Single(key => key.EndsWith(".tar", StringComparison.Ordinal)), length);
            return;
        }
        await using var pack = File.Open(Assert.Single(await ObjectsAsync("*.tar")), FileMode.Open, FileAccess.Write);
        pack.SetLength(length);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) =>
        _server.SendAsync(HttpMethod.Get, Absolute(path), headers);

    public Task<HttpResponseMessage> SendAsync(string method, string path, params (string Name, string Value)[] headers) =>
        _server.SendAsync(new HttpMethod(method), Absolute(path), headers);

    /// <summary>Stores one file as whoever has the token.</summary>
    public async Task<HttpStatusCode> StoreAsAsync(string token, byte[] file)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{DicomWeb}/studies") { Content = new ByteArrayContent(file) };
        request.Content.Headers.ContentType = new("application/dicom");
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await Client.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>The body of an answer that must be 200.</summary>
    public async Task<byte[]> BytesAsync(string path, params (string Name, string Value)[] headers)
    {
        using var response = await GetAsync(path, headers);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode} {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)))}");
        return body;
    }

    public async Task<JsonArray> MetadataAsync(string path) => JsonNode.Parse(await BytesAsync($"{path}/metadata"))!.AsArray();

    public Task<HttpResponseMessage> StowAsync(params byte[][] files) => StowAsync(null, files);

    public Task<HttpResponseMessage> StowAsync(string? study, IEnumerable<byte[]> files) =>
        PostAsync(study is null ? "studies" : $"studies/{study}", Multipart(files), StowType);

    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? contentType, string? accept = null, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Absolute(path)) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
        {
            Assert.True(request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType));
        }
        if (accept is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Accept", accept));
        }
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }
        return await Client.SendAsync(request);
    }

    /// <summary>Stores what must be stored without a word.</summary>
    public async Task StoreAsync(params byte[][] files)
    {
        using var response = await StowAsync(files);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    public static async Task<JsonObject> AnswerAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    public async Task<JsonArray> SearchAsync(string path) => JsonNode.Parse(await BytesAsync(path))!.AsArray();

    public static byte[] Multipart(IEnumerable<byte[]> parts, string boundary = "b", string? partType = "application/dicom")
    {
        using var body = new MemoryStream();
        var first = true;
        foreach (var part in parts)
        {
            var type = partType is null ? "" : $"Content-Type: {partType}\r\n";
            body.Write(Encoding.Latin1.GetBytes($"{(first ? "" : "\r\n")}--{boundary}\r\n{type}\r\n"));
            body.Write(part);
            first = false;
        }
        body.Write(Encoding.Latin1.GetBytes($"\r\n--{boundary}--\r\n"));
        return body.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        if (Lent.TryGiveBack(this))
        {
            return;
        }
        await _server.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private async Task EmptyAsync()
    {
        while (await SearchAsync("studies") is { Count: > 0 } studies)
        {
            foreach (var study in studies)
            {
                using var deleted = await SendAsync("DELETE", $"studies/{study.Text("0020000D")}");
                Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            }
        }
        _before = [.. await KeysAsync()];
    }

    private async Task<List<string>> KeysAsync(string prefix = "")
    {
        var keys = new List<string>();
        await foreach (var key in _server.App.Services.GetRequiredService<IObjectStore>().ListAsync(prefix, CancellationToken.None))
        {
            keys.Add(key);
        }
        return keys;
    }

    private static string Absolute(string path) => path.StartsWith('/') || path.StartsWith("http", StringComparison.Ordinal) ? path : $"/dicom-web/{path}";
}

/// <summary>Tags in the JSON of a store answer.</summary>
internal static class StowJson
{
    public const string RetrieveUrl = "00081190";
    public const string Referenced = "00081199";
    public const string Failed = "00081198";
    public const string Other = "0008119A";

    public static JsonArray Items(this JsonObject answer, string tag) => answer[tag]?["Value"]?.AsArray() ?? [];

    public static string? Text(this JsonNode? item, string tag) => item?[tag]?["Value"]?[0]?.ToString();

    public static int Reason(this JsonNode? item) => (int)item!["00081197"]!["Value"]![0]!;

    public static int Warning(this JsonNode? item) => (int)item!["00081196"]!["Value"]![0]!;
}

/// <summary>A multipart answer taken apart by the exact bytes of RFC 2046, not by a lenient reader.</summary>
internal sealed record AnswerParts(string Boundary, string RelatedType, IReadOnlyList<AnswerPartRead> Parts)
{
    public static async Task<AnswerParts> ReadAsync(HttpResponseMessage response) =>
        Read(response.Content.Headers.ContentType!, await response.Content.ReadAsByteArrayAsync());

    public static AnswerParts Read(MediaTypeHeaderValue contentType, byte[] body)
    {
        Assert.Equal("multipart/related", contentType.MediaType);
        var parameters = contentType.Parameters.ToDictionary(p => p.Name, p => p.Value!.Trim('"'), StringComparer.Ordinal);
        var boundary = parameters["boundary"];
        var delimiter = Encoding.ASCII.GetBytes($"\r\n--{boundary}");
        Assert.True(body.AsSpan().StartsWith(delimiter.AsSpan(2)), "The body begins with its delimiter.");
        Assert.True(body.AsSpan().EndsWith(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n")), "The body ends with its closing delimiter.");
        var parts = new List<AnswerPartRead>();
        var at = delimiter.Length - 2;
        while (!body.AsSpan(at).StartsWith("--"u8))
        {
            Assert.True(body.AsSpan(at).StartsWith("\r\n"u8));
            var headerEnd = at + body.AsSpan(at).IndexOf("\r\n\r\n"u8);
            var headers = Encoding.ASCII.GetString(body, at + 2, headerEnd - at - 2).Split("\r\n")
                .Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
            var next = body.AsSpan(headerEnd + 4).IndexOf(delimiter);
            parts.Add(new AnswerPartRead(headers["Content-Type"], headers.GetValueOrDefault("Content-Location"), body[(headerEnd + 4)..(headerEnd + 4 + next)]));
            at = headerEnd + 4 + next + delimiter.Length;
        }
        Assert.Equal(body.Length, at + 4);
        return new AnswerParts(boundary, parameters["type"], parts);
    }
}

internal sealed record AnswerPartRead(string ContentType, string? Location, byte[] Body);
