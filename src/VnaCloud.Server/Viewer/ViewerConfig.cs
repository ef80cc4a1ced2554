using System.Text.Json;
using System.Text.Json.Serialization;

namespace VnaCloud.Server.Viewer;

/// <summary>What the viewer is told of the server and of who looks: app-config.js is this and Assets/app-config.js.</summary>
/// <param name="Base">The server's path as the browser sees it, without a slash at its end: empty or, for example, <c>/pacs</c>.</param>
/// <param name="Release">The viewer's files (<see cref="ViewerFiles.Release"/>).</param>
/// <param name="ShowStudyList">Whether studies may be searched, and not only those of the address be opened.</param>
/// <param name="MayWrite">Whether measurements and files may be stored.</param>
internal sealed record ViewerConfig(string Base, string Release, bool ShowStudyList, bool MayWrite)
{
    private static readonly string Script = ViewerAssets.Read("app-config.js");

    /// <summary>The script. It holds nothing secret: the session is a cookie, which the browser sends by itself.</summary>
    public string ToScript() => $"const server = {JsonSerializer.Serialize(this, ViewerConfigJson.Default.ViewerConfig)};\n{Script}";
}

/// <summary>The viewer's own files, which are part of the assembly.</summary>
internal static class ViewerAssets
{
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(ViewerAssets).Assembly.GetManifestResourceStream($"viewer/{name}")!);
        return reader.ReadToEnd();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ViewerConfig))]
internal sealed partial class ViewerConfigJson : JsonSerializerContext;
