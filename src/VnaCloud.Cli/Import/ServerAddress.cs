using System.Text.Json;
using System.Text.Json.Serialization;

namespace VnaCloud.Cli.Import;

/// <summary>Finds the server that runs on a data folder by the file that it leaves there.</summary>
internal static class ServerAddress
{
    /// <summary>Its address as this machine reaches it; null when there is no file, or its process is gone.</summary>
    public static Uri? Read(DataFolder folder)
    {
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(folder.ServerPath), ServerJson.Default.ServerFile);
            return file is { Urls: not null } && Directory.Exists($"/proc/{file.Pid}")
                ? file.Urls.OrderBy(url => url.StartsWith("https", StringComparison.Ordinal)).Select(ToLocal).FirstOrDefault(uri => uri is not null)
                : null;
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            return null;
        }
    }

    // What is bound to any address is reached over loopback.
    private static Uri? ToLocal(string url)
    {
        foreach (var any in (ReadOnlySpan<string>)["//*", "//+", "//0.0.0.0", "//[::]"])
        {
            url = url.Replace(any + ":", "//127.0.0.1:", StringComparison.Ordinal);
        }
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
            ? new Uri(uri.GetLeftPart(UriPartial.Authority) + "/") : null;
    }
}

internal sealed record ServerFile(int Pid, string[]? Urls);

[JsonSerializable(typeof(ServerFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ServerJson : JsonSerializerContext;
