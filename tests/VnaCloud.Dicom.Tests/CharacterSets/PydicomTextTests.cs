using System.Diagnostics;
using System.Text.Json;

namespace VnaCloud.Dicom.Tests.CharacterSets;

/// <summary>Every text element of the corpus must read as pydicom reads it.</summary>
public class PydicomTextTests
{
    private const int ElementsOfTheCorpus = 10_000;

    [Fact]
    public async Task DecodeValues_TextOfTheCorpus_IsWhatPydicomReads()
    {
        var folder = Path.Combine(Corpus(), "valid");
        Assert.SkipUnless(Directory.Exists(folder), $"no corpus at {folder}: set VNA_CORPUS");
        var python = await PythonWithPydicomAsync();
        Assert.SkipWhen(python is null, "no python3 with pydicom: set VNA_PYTHON");

        var lines = await RunAsync(python!, Path.Combine(AppContext.BaseDirectory, "CharacterSets", "dump_text.py"), folder);
        var rows = lines!.Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!).ToList();
        Assert.True(rows.Count > ElementsOfTheCorpus, $"only {rows.Count} elements were dumped");
        Assert.True(rows.Select(row => string.Join('\\', row.Terms)).Distinct().Count() > 12);

        Assert.Empty(rows.Where(row => !Padless(row.Values).SequenceEqual(Padless(Decode(row))))
            .Select(row => $"{row.File} {row.Tag} {string.Join('|', row.Values)} <> {string.Join('|', Decode(row))}"));
    }

    // pydicom keeps leading spaces, has one empty value where we have none, and drops the empty groups at the end of a name.
    private static List<string> Padless(IEnumerable<string> values)
    {
        var trimmed = values.Select(value => value.Trim(' ', '\0').TrimEnd('=')).ToList();
        return trimmed is [""] ? [] : trimmed;
    }

    private static IReadOnlyList<string> Decode(Row row) =>
        SpecificCharacterSet.Parse(row.Terms).DecodeValues(Convert.FromHexString(row.Bytes), Enum.Parse<DicomVr>(row.Vr));

    private static string Corpus()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VnaCloud.sln")))
        {
            folder = folder.Parent;
        }
        return Environment.GetEnvironmentVariable("VNA_CORPUS") ?? Path.Combine(folder?.FullName ?? "", "..", "shared", "corpus");
    }

    private static async Task<string?> PythonWithPydicomAsync()
    {
        foreach (var candidate in (string?[])[Environment.GetEnvironmentVariable("VNA_PYTHON"), "python3", "/usr/bin/python3"])
        {
            if (candidate is not null && await RunAsync(candidate, "-c", "import pydicom") is not null)
            {
                return candidate;
            }
        }
        return null;
    }

    private static async Task<List<string>?> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                lines.Add(line);
            }
            await errors;
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? lines : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private sealed record Row(string File, string Tag, string Vr, string[] Terms, string Bytes, string[] Values);
}
