using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>Names in every character set: in the metadata as they are in Unicode, as pydicom reads them, and to be found by any component group.</summary>
public sealed class CharacterSetFilesTests
{
    private const string Script = """
        import json, sys, warnings, pydicom
        warnings.simplefilter('ignore')
        names = {}
        for path in sys.argv[1:]:
            try:
                name = pydicom.dcmread(path, stop_before_pixels=True).get('PatientName')
                names[path] = [] if name is None else [str(g) for g in name.components]
            except Exception as fault:
                names[path] = None
        print(json.dumps(names))
        """;

    // Where pydicom 2.3.1 shows something else than what the bytes say.
    private static readonly string[] Undeclared = ["gen-charset-invalid-utf8.dcm", "gen-charset-undeclared-8bit.dcm", "gen-charset-unknown-term.dcm"];

    [Fact]
    [Trait("dicomweb", "104")]
    [Trait("dicomweb", "83")]
    [Trait("dicomweb", "128")]
    [Trait("attacks", "22")]
    public async Task Names_AreUnicodeAndFoundByEachGroup()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        var files = TestCorpus.Storable.Where(file => file["specific_character_set"] is not ("" or "ISO_IR 100" or "ISO_IR 192" or "ISO_IR 6") || file.Name.Contains("charset", StringComparison.Ordinal)).ToList();
        Assert.InRange(files.Count, 20, 100);
        var names = await NamesAsync(files);
        var faults = new List<string>();
        foreach (var round in files.GroupBy(file => file["study_uid"]).SelectMany(copies => copies.Select((file, copy) => (file, copy))).GroupBy(pair => pair.copy, pair => pair.file))
        {
            await using var server = await WireServer.StartAsync();
            foreach (var file in round)
            {
                faults.AddRange(await CheckAsync(server, file, names[file.Path]));
            }
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<List<string>> CheckAsync(WireServer server, CorpusFile file, string[]? expected)
    {
        var faults = new List<string>();
        using var response = await server.StowAsync(file.ReadBytes());
        Assert.True(response.IsSuccessStatusCode, file.Name);
        var name = (await server.MetadataAsync($"studies/{file["study_uid"]}"))[0]!["00100010"]?["Value"]?[0]?.AsObject();
        string[] groups = [(string?)name?["Alphabetic"] ?? "", (string?)name?["Ideographic"] ?? "", (string?)name?["Phonetic"] ?? ""];
        if (expected is not null && !Undeclared.Contains(file.Name) && string.Join('=', expected).TrimEnd('=', ' ') != string.Join('=', groups).TrimEnd('='))
        {
            faults.Add($"{file}: {string.Join('=', groups)}, pydicom says {string.Join('=', expected)}");
        }
        foreach (var group in groups.Where(group => group.Length > 0 && group.AsSpan().IndexOfAny("*?\\") < 0))
        {
            foreach (var key in new[] { group, group.Split('^')[0] + "*" })
            {
                var found = await server.SearchAsync($"studies?PatientName={Uri.EscapeDataString(key)}&StudyInstanceUID={file["study_uid"]}");
                if (found.Count != 1 || (string?)found[0]!["00100010"]!["Value"]![0]!["Alphabetic"] != (string?)name!["Alphabetic"])
                {
                    faults.Add($"{file}: '{key}' finds {found.Count}");
                }
            }
        }
        return faults;
    }

    private static async Task<Dictionary<string, string[]?>> NamesAsync(List<CorpusFile> files)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Script, .. files.Select(file => file.Path)]) { RedirectStandardOutput = true };
        using var python = Process.Start(start)!;
        var names = await JsonSerializer.DeserializeAsync<Dictionary<string, string[]?>>(python.StandardOutput.BaseStream);
        await python.WaitForExitAsync();
        return names!;
    }
}
