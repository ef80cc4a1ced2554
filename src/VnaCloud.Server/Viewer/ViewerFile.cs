using System.Collections.Frozen;
using System.Text.Json.Serialization;

namespace VnaCloud.Server.Viewer;

/// <summary>What eng/viewer/prepare.mjs says of its work, viewer.json.</summary>
/// <param name="Ohif">Version of OHIF.</param>
/// <param name="Release">A name for exactly these files; part of their addresses.</param>
/// <param name="Files">All of them.</param>
internal sealed record ViewerManifest(string Ohif, string Release, IReadOnlyList<ViewerFile> Files);

/// <summary>One file of the viewer.</summary>
/// <param name="Path">Within the release, with slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Br">Length of the file beside it that is compressed by Brotli.</param>
/// <param name="Gz">The same by gzip.</param>
/// <param name="Decoder">The script of a worker that decodes pixels.</param>
internal sealed record ViewerFile(string Path, long Bytes, long? Br, long? Gz, bool Decoder)
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".html"] = "text/html; charset=utf-8",
        [".json"] = "application/json",
        [".txt"] = "text/plain; charset=utf-8",
        [".wasm"] = "application/wasm",
        [".woff2"] = "font/woff2",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
    }.ToFrozenDictionary();

    [JsonIgnore]
    public string ContentType => Types.GetValueOrDefault(System.IO.Path.GetExtension(Path), "application/octet-stream");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ViewerManifest))]
internal sealed partial class ViewerJson : JsonSerializerContext;
