using System.Diagnostics;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>Explicit VR Little Endian out of other native encodings, against what dcmconv makes of the same file, as pydicom reads both.</summary>
public sealed class ConvertedFilesTests
{
    // VRs may differ where the stored encoding has none (private elements, US or SS): values may not.
    private const string Script = """
        import sys, pydicom, warnings
        warnings.simplefilter('ignore')
        def values(ds, path, out):
            for e in ds:
                if e.tag.element == 0: continue
                p = path + (str(e.tag),)
                if e.VR == 'SQ':
                    out[p] = len(e.value)
                    for i, item in enumerate(e.value): values(item, p + (i,), out)
                else:
                    raw = ds.get_item(e.tag)
                    out[p] = raw.value if isinstance(getattr(raw, 'value', None), bytes) else e.value
            return out
        def read(path):
            ds = pydicom.dcmread(path)
            return ds.file_meta.TransferSyntaxUID, {k: (v.rstrip(b'\0 ') if isinstance(v, bytes) else v) for k, v in values(ds, (), {}).items()}
        for ours, theirs in zip(sys.argv[1::2], sys.argv[2::2]):
            (a, x), (b, y) = read(ours), read(theirs)
            assert a == b == '1.2.840.10008.1.2.1', (ours, a, b)
            for k in sorted(set(x) | set(y), key=str):
                if (x.get(k) or '') != (y.get(k) or '') and str(x.get(k)) != str(y.get(k)): print(ours, k, str(x.get(k))[:60], str(y.get(k))[:60])
        """;

    // Big endian samples of 32 bits, of which DCMTK turns the 16-bit words (docs/conformance.md, words-of-32-bits).
    private const string LongWords = "pydicom-rtdose_expb_1frame.dcm";

    [Fact]
    [Trait("dicomweb", "10")]
    [Trait("dicomweb", "113")]
    public async Task NativeFiles_AsExplicitLittleEndian_SayWhatDcmconvSays()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        var files = TestCorpus.Storable.Where(file => file.TransferSyntaxUid is "1.2.840.10008.1.2" or "1.2.840.10008.1.2.2" or "1.2.840.10008.1.2.1.99" && file.Length < 1_000_000 && file.Name != LongWords).ToList();
        Assert.NotEmpty(files);
        var folder = Directory.CreateTempSubdirectory("vnacloud-converted-").FullName;
        try
        {
            var pairs = new List<string>();
            foreach (var round in files.GroupBy(file => file["sop_instance_uid"]).SelectMany(copies => copies.Select((file, copy) => (file, copy))).GroupBy(pair => pair.copy, pair => pair.file))
            {
                await using var server = await WireServer.StartAsync();
                foreach (var file in round)
                {
                    var theirs = Path.Combine(folder, $"{file.Name}.dcmconv");
                    if (await RunAsync("dcmconv", "+te", "-g", file.Path, theirs) is not "")
                    {
                        continue; // What DCMTK cannot write is no oracle.
                    }
                    using var stored = await server.StowAsync(file.ReadBytes());
                    Assert.True(stored.IsSuccessStatusCode, file.Name);
                    var series = await server.BytesAsync($"studies/{file["study_uid"]}/series/{file["series_uid"]}/instances/{file["sop_instance_uid"]}", ("Accept", "application/dicom"));
                    await File.WriteAllBytesAsync(Path.Combine(folder, file.Name), series);
                    pairs.AddRange([Path.Combine(folder, file.Name), theirs]);
                }
            }
            Assert.True(pairs.Count > files.Count, $"{pairs.Count / 2} of {files.Count} files compared");
            var differences = await RunAsync("/usr/bin/python3", ["-c", Script, .. pairs]);
            Assert.True(differences.Length == 0, differences);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return await said + (process.ExitCode == 0 ? "" : complained + "failed");
    }
}
