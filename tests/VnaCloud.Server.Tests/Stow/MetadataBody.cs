using System.Text;
using System.Text.Json.Nodes;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>A request of metadata and bulk data, put together part by part.</summary>
internal sealed class MetadataBody(string metadataType = "application/dicom+json")
{
    private readonly List<byte[]> _pieces = [];

    public string ContentType => $"multipart/related; type=\"{metadataType}\"; boundary=b";

    public MetadataBody Metadata(params JsonObject[] dataSets) => Metadata(new JsonArray([.. dataSets.Select(set => set.DeepClone())]).ToJsonString());

    public MetadataBody Metadata(string text) => Part($"Content-Type: {metadataType}", Encoding.UTF8.GetBytes(text));

    public MetadataBody Bulk(string? location, string type, byte[] bytes) =>
        Part(location is null ? $"Content-Type: {type}" : $"Content-Type: {type}\r\nContent-Location: {location}", bytes);

    public MetadataBody Part(string headers, byte[] bytes)
    {
        _pieces.Add(Encoding.Latin1.GetBytes($"{(_pieces.Count == 0 ? "" : "\r\n")}--b\r\n{headers}\r\n\r\n"));
        _pieces.Add(bytes);
        return this;
    }

    public byte[] ToArray()
    {
        var closing = "\r\n--b--\r\n"u8;
        var body = new byte[_pieces.Sum(piece => piece.Length) + closing.Length];
        var at = 0;
        foreach (var piece in _pieces)
        {
            piece.CopyTo(body, at);
            at += piece.Length;
        }
        closing.CopyTo(body.AsSpan(at));
        return body;
    }

    public Task<HttpResponseMessage> PostAsync(WireServer server, string path = "studies", string? accept = null) =>
        server.PostAsync(path, ToArray(), ContentType, accept);
}

/// <summary>Metadata of tests.</summary>
internal static class MetadataJson
{
    /// <summary>An instance with its identifiers and nothing else.</summary>
    public static JsonObject Instance(string sop, string? sopClass = "1.2.840.10008.5.1.4.1.1.7", string study = Files.Study, string series = Files.Series)
    {
        var json = new JsonObject().With("00080018", "UI", sop).With("0020000D", "UI", study).With("0020000E", "UI", series)
            .With("00080060", "CS", "OT").With("00100020", "LO", "4711");
        return sopClass is null ? json : json.With("00080016", "UI", sopClass);
    }

    /// <summary>Grey pixels, described.</summary>
    public static JsonObject Grey(this JsonObject json, int rows, int columns, int bits = 8) => json
        .With("00280002", "US", 1).With("00280004", "CS", "MONOCHROME2").With("00280010", "US", rows).With("00280011", "US", columns)
        .With("00280100", "US", bits).With("00280101", "US", bits).With("00280102", "US", bits - 1).With("00280103", "US", 0);

    public static JsonObject With(this JsonObject json, string tag, string vr, params JsonNode?[] values)
    {
        json[tag] = new JsonObject { ["vr"] = vr, ["Value"] = new JsonArray(values) };
        return json;
    }

    public static JsonObject Named(this JsonObject json, string tag, string vr, string uri)
    {
        json[tag] = new JsonObject { ["vr"] = vr, ["BulkDataURI"] = uri };
        return json;
    }
}
