using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Tests.Access;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Http;

/// <summary>
/// The OpenAPI document is whole and true: it describes every route, and what it shows is what the server does. Each operation is sent as its
/// examples say, to a server that has stored the example of storing, and must answer in every media type that is named, alike to the example.
/// </summary>
public sealed partial class ApiDescriptionTests(ITestOutputHelper output)
{
    private static readonly bool IsWriting = Environment.GetEnvironmentVariable("VNA_WRITE_DOCS") == "1";

    private static readonly string[] Bodiless = ["head", "options", "delete"];

    [Fact]
    public async Task Document_IsValidOpenApi31()
    {
        await using var server = await WireServer.StartAsync();
        var text = await server.Client.GetStringAsync("/openapi/v1.json");
        Assert.StartsWith("3.1.", JsonNode.Parse(text)!["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        var read = OpenApiDocument.Parse(text, "json");
        Assert.Empty(read.Diagnostic!.Errors.Select(error => $"{error.Pointer}: {error.Message}"));
        Assert.Empty(read.Diagnostic.Warnings.Select(warning => $"{warning.Pointer}: {warning.Message}"));
        Assert.DoesNotContain(References(JsonNode.Parse(text)!), reference => Resolve(JsonNode.Parse(text)!, reference) is null);
    }

    [Fact]
    public async Task Routes_AreAllDescribed_OrLeftOutOnPurpose()
    {
        await using var server = await WireServer.StartAsync();
        var paths = (await DocumentAsync(server))["paths"]!.AsObject();
        foreach (var route in server.Server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = $"/{route.RoutePattern.RawText!.Trim('/')}".Replace("{**", "{", StringComparison.Ordinal);
            var isLeftOut = route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is { ExcludeFromDescription: true };
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                var operation = paths[path]?[method.ToLowerInvariant()];
                Assert.True(isLeftOut == operation is null, $"{method} {path}");
                if (operation is not null)
                {
                    CheckText(operation.AsObject(), path, method, route.Metadata.GetMetadata<AccessRule>()!);
                }
            }
        }
    }

    [Fact]
    public async Task Examples_AreWhatTheServerDoes()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", issuer.Token("read write delete share admin"));
        var document = await DocumentAsync(server);
        var operations = (from path in document["paths"]!.AsObject()
                          from operation in path.Value!.AsObject()
                          orderby Turn(operation.Key, path.Key), path.Key.Length descending, path.Key
                          select (Path: path.Key, Method: operation.Key, Operation: operation.Value!.AsObject())).ToList();
        var share = "";
        foreach (var (path, method, operation) in operations)
        {
            if (method == "delete")
            {
                await SendAsync(server, document, "/dicom-web/studies", "post", document["paths"]!["/dicom-web/studies"]!["post"]!.AsObject(), null, share);
            }
            var (status, answer) = Success(operation);
            var bodies = (answer["content"]?.AsObject() ?? []).Where(body => NativeCodecs.Exists || !body.Key.Contains("image/jpeg", StringComparison.Ordinal)).ToList();
            foreach (var body in bodies.Select(body => ((string?)body.Key, body.Value!["example"])).DefaultIfEmpty((null, null)))
            {
                var (mediaType, example) = body;
                var (given, type, bytes) = await SendAsync(server, document, path, method, operation, mediaType, share);
                var about = $"{method} {path} as {mediaType}";
                Assert.True(given == status, $"{about}: {given} {Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 500)))}");
                if (mediaType is null)
                {
                    continue;
                }
                Assert.True(Plain(type) == Plain(mediaType), $"{about}: {type}");
                if (example is not null)
                {
                    var real = JsonNode.Parse(Commit().Replace(Encoding.UTF8.GetString(bytes).Replace(server.DicomWeb[..^"/dicom-web".Length], "https://archive.example", StringComparison.Ordinal), ""))!;
                    share = path == "/shares" && method == "post" ? real["id"]!.GetValue<string>() : share;
                    if (IsWriting && real is JsonObject or JsonArray)
                    {
                        Write(server, method, path, real);
                        continue;
                    }
                    Compare(about, example, real);
                }
            }
        }
        using var missing = await server.GetAsync("studies/2.25.9999/metadata");
        var problem = JsonNode.Parse(await missing.Content.ReadAsStringAsync())!;
        if (IsWriting)
        {
            WriteFile("problem.json", problem);
            return;
        }
        Compare("a problem", document["components"]!["schemas"]!["ProblemDetails"]!["examples"]![0]!, problem);
        output.WriteLine(NativeCodecs.Exists ? $"{operations.Count} operations" : $"{operations.Count} operations, without image/jpeg: {NativeCodecs.Missing}");
    }

    private static void Write(WireServer server, string method, string path, JsonNode real)
    {
        var route = server.Server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().First(route =>
            $"/{route.RoutePattern.RawText!.Trim('/')}".Replace("{**", "{", StringComparison.Ordinal) == path
            && route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(method, StringComparer.OrdinalIgnoreCase));
        WriteFile(route.Metadata.GetMetadata<OperationText>()!.Answers.SelectMany(answer => answer.Bodies).First(body => body.Example is not null).Example!, real);
    }

    private static void WriteFile(string name, JsonNode json) => File.WriteAllText(
        Assert.Single(Directory.GetFiles(Path.Combine(TestKit.Corpus.Repository, "src/VnaCloud.Server"), name, SearchOption.AllDirectories)),
        json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");

    private static int Turn(string method, string path) => (method, path) switch
    {
        ("post", "/dicom-web/studies") => 0,
        ("post", _) => 1,
        ("delete", _) => 3,
        _ => 2,
    };

    private static (int Status, JsonObject Answer) Success(JsonObject operation)
    {
        var responses = operation["responses"]!.AsObject();
        // What never succeeds says so by its first answer that is no fault of the request.
        var key = responses.Select(response => response.Key).FirstOrDefault(status => status[0] == '2') ?? "404";
        var answer = responses[key]!.AsObject();
        return (int.Parse(key, System.Globalization.CultureInfo.InvariantCulture), answer);
    }

    private static async Task<(int Status, string Type, byte[] Body)> SendAsync(
        WireServer server, JsonNode document, string path, string method, JsonObject operation, string? accept, string share)
    {
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            if (parameter!["example"] is { } example)
            {
                var value = parameter["name"]!.GetValue<string>() == "share" ? share : example.ToString();
                value = accept is not null && Plain(accept).StartsWith("image", StringComparison.Ordinal) && parameter["name"]!.GetValue<string>() == "contentType" ? accept : value;
                path = path.Replace($"{{{parameter["name"]}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
                if (parameter["in"]!.GetValue<string>() == "query")
                {
                    query.Add($"{parameter["name"]}={Uri.EscapeDataString(value)}");
                }
            }
        }
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{server.DicomWeb[..^"/dicom-web".Length]}{path}{(query.Count > 0 ? $"?{string.Join('&', query)}" : "")}");
        if (accept is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Accept", accept));
        }
        if (operation["requestBody"]?["content"]?.AsObject().FirstOrDefault(body => body.Value!["example"] is not null) is { Value: { } content } sent)
        {
            var text = content["example"]!.GetValueKind() == JsonValueKind.String ? content["example"]!.GetValue<string>() : content["example"]!.ToJsonString();
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", text.StartsWith("--", StringComparison.Ordinal) ? $"{sent.Key}; boundary={text[2..text.IndexOf('\r', StringComparison.Ordinal)]}" : sent.Key);
        }
        using var answer = await server.Client.SendAsync(request);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString() ?? "", await answer.Content.ReadAsByteArrayAsync());
    }

    private static void CheckText(JsonObject operation, string path, string method, AccessRule rule)
    {
        var about = $"{method} {path}";
        Assert.False(string.IsNullOrEmpty(operation["summary"]?.GetValue<string>()), $"{about} has no summary");
        Assert.False(string.IsNullOrEmpty(operation["description"]?.GetValue<string>()), $"{about} has no description");
        Assert.NotEmpty(operation["tags"]!.AsArray());
        var parameters = operation["parameters"]?.AsArray() ?? [];
        Assert.Equal(path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}')), parameters.Where(one => one!["in"]!.GetValue<string>() == "path").Select(one => one!["name"]!.GetValue<string>()));
        Assert.All(parameters, one => Assert.False(string.IsNullOrEmpty(one!["description"]?.GetValue<string>()), about));
        var responses = operation["responses"]!.AsObject();
        Assert.All(responses, one => Assert.False(string.IsNullOrEmpty(one.Value!["description"]?.GetValue<string>()), about));
        Assert.Equal((about, !rule.IsOpen), (about, responses.ContainsKey("401") && responses.ContainsKey("403") && operation["security"]?.AsArray() is { Count: > 0 }));
        var hasExample = parameters.Any(one => one!["example"] is not null) || References(operation, "example").Any();
        Assert.True(hasExample || Bodiless.Contains(method.ToLowerInvariant()), $"{about} has no example");
    }

    // The same members and the same kinds of values; of arrays the first element stands for all. VRs are values that must be equal.
    private static void Compare(string where, JsonNode example, JsonNode real)
    {
        Assert.True(example.GetValueKind() == real.GetValueKind() || (IsTruth(example) && IsTruth(real)), $"{where}: {example.GetValueKind()}, but {real.ToJsonString()}");
        switch (example, real)
        {
            case (JsonObject shown, JsonObject given):
                Assert.Equal((where, string.Join(' ', shown.Select(member => member.Key))), (where, string.Join(' ', given.Select(member => member.Key))));
                foreach (var (name, value) in shown)
                {
                    if (name == "vr")
                    {
                        Assert.Equal((where, value!.ToString()), (where, given[name]!.ToString()));
                    }
                    if (value is not null && given[name] is { } other)
                    {
                        Compare($"{where}.{name}", value, other);
                    }
                }
                break;
            case (JsonArray shown, JsonArray given):
                Assert.Equal((where, shown.Count > 0), (where, given.Count > 0));
                if (shown is [{ } first, ..] && given is [{ } one, ..])
                {
                    Compare($"{where}[0]", first, one);
                }
                break;
            default:
                break;
        }
    }

    private static bool IsTruth(JsonNode node) => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False;

    private static string Plain(string mediaType)
    {
        var type = mediaType.Split(';')[0].Trim();
        return type == "multipart/related" && mediaType.Split("type=").ElementAtOrDefault(1) is { } inner ? $"{type} of {inner.Split(';')[0].Trim('"', ' ')}" : type;
    }

    private static async Task<JsonNode> DocumentAsync(WireServer server) => JsonNode.Parse(await server.Client.GetStringAsync("/openapi/v1.json"))!;

    private static IEnumerable<string> References(JsonNode? node, string name = "$ref") => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == name && member.Value is not null ? [member.Value.ToString()] : References(member.Value, name)),
        JsonArray items => items.SelectMany(item => References(item, name)),
        _ => [],
    };

    private static JsonNode? Resolve(JsonNode document, string reference) =>
        reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate((JsonNode?)document, (node, part) => node?[part]);

    // Of the build's version.
    [GeneratedRegex(@"\+[0-9a-f]{40}")]
    private static partial Regex Commit();
}
