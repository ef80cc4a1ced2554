using System.Net;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Imaging;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>
/// Every stored syntax in every syntax that can be asked for: what is given decodes to the very samples that the stored form decodes to, and
/// the table in docs/conformance.md says which are given. Decoding itself is held against other programs in VnaCloud.Imaging.Tests.
/// </summary>
public sealed class TranscodedFilesTests(ITestOutputHelper output)
{
    private const string Begin = "<!-- transcoding matrix: written by TranscodedFilesTests -->", End = "<!-- end of the matrix -->";

    private static readonly string[] Targets =
    [
        "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90",
        "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "*",
    ];

    [Fact]
    [Trait("dicomweb", "113")]
    public async Task Files_InEverySyntax_KeepTheirSamples()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        Assert.SkipWhen(Stack.IsBalanced, "once is enough: what is transcoded does not depend on where it is stored");
        var images = TestCorpus.Storable.Where(file => file.Length < 4_000_000 && file["rows"].Length > 0);
        // Without --long the two smallest of each kind: what a third would show of decoders VnaCloud.Imaging.Tests shows of all.
        var files = TestCorpus.Sample([.. TestLength.IsLong ? images : images.GroupBy(KindOf).SelectMany(static kind => kind.OrderBy(static file => file.Length).Take(2))], 8);
        var cells = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        var (faults, given) = (new List<string>(), 0);
        foreach (var round in files.GroupBy(file => file["sop_instance_uid"]).SelectMany(copies => copies.Select((file, copy) => (file, copy))).GroupBy(pair => pair.copy, pair => pair.file))
        {
            await using var server = await WireServer.StartAsync();
            foreach (var file in round)
            {
                using var answer = await server.StowAsync(file.ReadBytes());
                Assert.True(answer.IsSuccessStatusCode, file.Name);
                var row = cells.TryGetValue(file.TransferSyntaxUid, out var known) ? known : cells[file.TransferSyntaxUid] = [.. Targets.Select(_ => "")];
                var stored = new Lazy<Task<Decoded>>(() => Decoded.ReadAsync(file.ReadBytes()));
                var answers = await Task.WhenAll(Targets.Select(target => GetAsync(server, file, target, stored)));
                for (var i = 0; i < Targets.Length; i++)
                {
                    var (cell, fault) = answers[i];
                    // Yes where any file is given: others of the syntax may have samples that the target cannot hold.
                    row[i] = row[i] is "yes" or "stored" ? row[i] : cell;
                    given += cell == "yes" ? 1 : 0;
                    if (fault is not null)
                    {
                        faults.Add($"{file.Name} ({file.TransferSyntaxUid}) as {Targets[i]}: {fault}");
                    }
                }
            }
        }
        output.WriteLine($"{given} transcoded instances of {files.Count} files compared");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        if (!TestCorpus.IsFast)
        {
            CompareTable(cells);
        }
    }

    // What decides how samples are decoded, written and encoded.
    private static string KindOf(CorpusFile file) => string.Join('|',
        ((string[])["transfer_syntax_uid", "photometric", "bits_allocated", "bits_stored", "pixel_rep", "planar_config"]).Select(column => file[column]).Append(file["frames"] is "" or "1" ? "one" : "several"));

    private static async Task<(string Cell, string? Fault)> GetAsync(WireServer server, CorpusFile file, string target, Lazy<Task<Decoded>> stored)
    {
        var url = $"studies/{file["study_uid"]}/series/{file["series_uid"]}/instances/{file["sop_instance_uid"]}";
        using var response = await server.GetAsync(url, ("Accept", $"application/dicom; transfer-syntax={target}"));
        if (target == "*" || target == file.TransferSyntaxUid)
        {
            return ("stored", response.StatusCode == HttpStatusCode.OK ? null : $"{response.StatusCode}");
        }
        if (response.StatusCode == HttpStatusCode.NotAcceptable)
        {
            return ("406", null);
        }
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return ("", $"{response.StatusCode}");
        }
        try
        {
            return ("yes", await DifferenceAsync(await stored.Value, await response.Content.ReadAsByteArrayAsync(), target));
        }
        catch (Exception failure) when (failure is ImageException or DicomFormatException or HttpRequestException)
        {
            return ("", failure.Message);
        }
    }

    private static async Task<string?> DifferenceAsync(Decoded from, byte[] given, string target)
    {
        var to = await Decoded.ReadAsync(given);
        if (to.Syntax != target)
        {
            return $"is in {to.Syntax}";
        }
        var photometric = (to.Pixels.Photometric, from.Pixels.Photometric);
        if (photometric.Item1 != photometric.Item2 && photometric is not ("YBR_FULL", "YBR_FULL_422"))
        {
            return $"{from.Pixels.Photometric} became {to.Pixels.Photometric}";
        }
        if (from.IsLossy && to.DataSet.String(DicomTags.LossyImageCompression) != "01")
        {
            return "does not say that it was lossy";
        }
        if (photometric is ("YBR_FULL", "YBR_FULL_422"))
        {
            return to.Frames.Count == from.Frames.Count ? null : "lost frames"; // chroma was doubled
        }
        var same = from.Frames.Count == to.Frames.Count && from.Frames.Zip(to.Frames).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        return same ? Elements(from.DataSet, to.DataSet) : $"{from.Frames.Count} frames became {to.Frames.Count}, or their samples others";
    }

    // Nothing but what describes the encoding may change.
    private static string? Elements(DicomDataSet from, DicomDataSet to)
    {
        DicomTag[] encoding =
        [
            DicomTags.PixelData, DicomTags.PhotometricInterpretation, DicomTags.PlanarConfiguration, DicomTags.LossyImageCompression, DicomTags.LossyImageCompressionRatio,
            DicomTags.LossyImageCompressionMethod, DicomTags.IconImageSequence, new(0x7FE0_0001), new(0x7FE0_0002),
        ];
        var (before, after) = (Names(from), Names(to));
        HashSet<DicomTag> Names(DicomDataSet dataSet) => [.. dataSet.Select(element => element.Tag).Where(tag => !encoding.Contains(tag) && tag.Element != 0)];
        return before.SetEquals(after) ? null : $"elements differ: {string.Join(' ', before.Except(after).Concat(after.Except(before)))}";
    }

    private static void CompareTable(SortedDictionary<string, string[]> cells)
    {
        var path = Path.Combine(TestCorpus.Repository, "docs", "conformance.md");
        var text = File.ReadAllText(path);
        var table = new StringBuilder($"{Begin}\n| stored \\ asked | {string.Join(" | ", Targets.Select(Short))} |\n|{string.Concat(Enumerable.Repeat("---|", Targets.Length + 1))}\n");
        foreach (var (syntax, row) in cells)
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {Short(syntax)} {TransferSyntax.Get(syntax).Name} | {string.Join(" | ", row)} |\n");
        }
        table.Append(End);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin, "docs/conformance.md has no place for the matrix.");
        if (Environment.GetEnvironmentVariable("VNA_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, text[..begin] + table + text[(end + End.Length)..]);
            return;
        }
        Assert.Equal(table.ToString(), text[begin..(end + End.Length)]);
    }

    private static string Short(string syntax) => syntax.StartsWith("1.2.840.10008.1.2", StringComparison.Ordinal) && syntax.Length > 17 ? syntax[17..] : syntax;
}
