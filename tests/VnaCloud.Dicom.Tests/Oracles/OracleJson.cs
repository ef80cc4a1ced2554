using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Oracles;

/// <summary>
/// The DICOM JSON that another program makes of a file. Answers are kept in artifacts/oracles, by program, version and the file's
/// digest, so that only the first run waits for them. Long binary values are kept as their digests.
/// </summary>
internal static class OracleJson
{
    private const int LongBinary = 256;

    // dcm2json 3.6.7 stops at compressed pixel data, after the comma: everything before it is there.
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 512, AllowTrailingCommas = true };

    public static string Digest(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>dcm2json's answers by file name; null when DCMTK is not installed.</summary>
    public static async Task<Dictionary<string, string>?> OfDcmtkAsync(IReadOnlyList<CorpusFile> files)
    {
        if (await Tool.RunAsync("dcm2json", ["--version"]) is not { ExitCode: 0 } version)
        {
            return null;
        }
        var cache = Cache("dcm2json", Encoding.UTF8.GetString(version.Output));
        var missing = files.Where(file => !File.Exists(cache(file)));
        await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (file, cancellation) =>
        {
            var result = await Tool.RunAsync("dcm2json", ["-fc", "-ee", file.Path]);
            await File.WriteAllTextAsync(cache(file), Reduced(Encoding.UTF8.GetString(result!.Output)), cancellation);
        });
        return files.ToDictionary(file => file.Name, file => File.ReadAllText(cache(file)));
    }

    /// <summary>pydicom's answers by file name; null when it is not installed.</summary>
    public static async Task<Dictionary<string, string>?> OfPydicomAsync(IReadOnlyList<CorpusFile> files)
    {
        if (await Tool.PythonWithAsync("pydicom") is not { } python)
        {
            return null;
        }
        var script = Path.Combine(AppContext.BaseDirectory, "Oracles", "pydicom_json.py");
        var version = await Tool.RunAsync(python, ["-c", "import pydicom; print(pydicom.__version__)"]);
        var cache = Cache("pydicom", Encoding.UTF8.GetString(version!.Output) + File.ReadAllText(script));
        var missing = files.Where(file => !File.Exists(cache(file))).ToDictionary(file => file.Path);
        var result = await Tool.RunAsync(python, [script], string.Concat(missing.Keys.Select(path => path + "\n")));
        foreach (var line in Encoding.UTF8.GetString(result!.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var row = JsonDocument.Parse(line);
            var file = missing[row.RootElement.GetProperty("path").GetString()!];
            var json = row.RootElement.TryGetProperty("json", out var answer) ? answer.GetRawText() : "";
            await File.WriteAllTextAsync(cache(file), json);
        }
        return files.ToDictionary(file => file.Name, file => File.ReadAllText(cache(file)));
    }

    private static Func<CorpusFile, string> Cache(string tool, string version)
    {
        var folder = Path.Combine(Corpus.Repository, "artifacts", "oracles", $"{tool}-{Digest(Encoding.UTF8.GetBytes(version))[7..19]}");
        Directory.CreateDirectory(folder);
        return file => Path.Combine(folder, file.Sha256 + ".json");
    }

    private static string Reduced(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return "";
        }
        using var document = JsonDocument.Parse(json, Lenient);
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            Reduce(document.RootElement, writer);
        }
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void Reduce(JsonElement json, Utf8JsonWriter writer)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in json.EnumerateObject())
                {
                    if (property.NameEquals("InlineBinary") && property.Value.GetString()!.Length > LongBinary)
                    {
                        writer.WriteString("BulkDataURI", Digest(property.Value.GetBytesFromBase64()));
                        continue;
                    }
                    writer.WritePropertyName(property.Name);
                    Reduce(property.Value, writer);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    Reduce(item, writer);
                }
                writer.WriteEndArray();
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
