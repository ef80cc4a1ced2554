using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VnaCloud.Server.Viewer;

/// <summary>
/// The viewer's files, as they were at the start. An address is looked up in their list and never becomes a path, so nothing else
/// of the disk can be asked for.
/// </summary>
internal sealed class ViewerFiles
{
    private const string Manifest = "viewer.json";
    private const string Index = "index.html";
    private const long LongestManifest = 4 * 1024 * 1024;

    private readonly FrozenDictionary<string, ViewerFile> _files = FrozenDictionary<string, ViewerFile>.Empty;
    private readonly string _folder;
    private readonly string _index = "";

    public ViewerFiles(ViewerOptions options)
    {
        _folder = System.IO.Path.GetFullPath(options.Path ?? System.IO.Path.Combine(AppContext.BaseDirectory, "viewer"));
        try
        {
            var manifest = Read(System.IO.Path.Combine(_folder, Manifest));
            _files = manifest.Files.ToFrozenDictionary(file => file.Path, StringComparer.Ordinal);
            _index = File.ReadAllText(System.IO.Path.Combine(_folder, Index));
            Release = manifest.Release;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            WhyNot = failure is FileNotFoundException or DirectoryNotFoundException
                ? $"There is no viewer in {_folder}: eng/viewer.sh prepares it (Node 20 and npm are needed), Vna:Viewer:Path says where it is."
                : $"The viewer in {_folder} cannot be read ({failure.Message}): eng/viewer.sh makes it anew.";
        }
    }

    /// <summary>Why there is none, for the log; null when there is one.</summary>
    public string? WhyNot { get; }

    /// <summary>Part of the files' addresses.</summary>
    public string Release { get; } = "";

    public ViewerFile? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>Where a file of the list is, or its compressed form.</summary>
    /// <param name="file">Of <see cref="Find"/>.</param>
    /// <param name="suffix">.br, .gz or nothing.</param>
    public string PathOf(ViewerFile file, string suffix) => System.IO.Path.Combine(_folder, file.Path + suffix);

    /// <summary>OHIF's page for a place that it is served at.</summary>
    /// <param name="root">The viewer's root as the browser sees it, for example <c>/pacs/viewer/</c>.</param>
    public string IndexAt(string root)
    {
        var encoded = HtmlEncoder.Default.Encode(root);
        return _index.Replace("{files}", $"{encoded}{Release}/", StringComparison.Ordinal).Replace("{base}", encoded, StringComparison.Ordinal);
    }

    private static ViewerManifest Read(string path)
    {
        using var stream = File.OpenRead(path);
        return stream.Length <= LongestManifest && JsonSerializer.Deserialize(stream, ViewerJson.Default.ViewerManifest) is { Files: not null, Release: { Length: > 0 } } manifest
            ? manifest
            : throw new JsonException($"{Manifest} is not a list of files");
    }
}
