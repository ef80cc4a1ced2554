using System.Text;
using System.Text.Json;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Oracles;

/// <summary>GDCM as the third witness: which elements a data set has, and where each fragment and native value begins and ends.</summary>
public class GdcmOracleTests(ITestOutputHelper output)
{
    // Newer than GDCM 3.0.21.
    private static readonly string[] UnknownToGdcm =
    [
        "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.4.104", "1.2.840.10008.1.2.4.106", "1.2.840.10008.1.2.4.107",
        "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112", "1.2.840.10008.1.2.4.201",
        "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203", "1.2.840.10008.1.2.4.204",
    ];

    [Fact]
    public async Task Reader_OverTheCorpus_FindsTheElementsAndFragmentsThatGdcmFinds()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var python = await Tool.PythonWithAsync("gdcm");
        Assert.SkipWhen(python is null, "no python3 with gdcm: set VNA_PYTHON");
        var files = Corpus.Sample(Corpus.Ok, 8);
        var script = Path.Combine(AppContext.BaseDirectory, "Oracles", "gdcm_pixels.py");
        var result = await Tool.RunAsync(python!, [script], string.Concat(files.Select(file => file.Path + "\n")));
        var rows = Encoding.UTF8.GetString(result!.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!).ToDictionary(row => row.Path);

        var wrong = new List<string>();
        foreach (var file in files)
        {
            var row = rows[file.Path];
            if (row.Error is not null)
            {
                Assert.True(UnknownToGdcm.Contains(file.TransferSyntaxUid) || !TransferSyntax.Get(file.TransferSyntaxUid).IsKnown, $"{file.Name} {file.TransferSyntaxUid}: {row.Error}");
                continue;
            }
            var read = await ReadFile.OpenAsync(file);
            var tags = read.DataSet.Select(element => element.Tag.ToHex()).ToList();
            var pixels = Pixels(read);
            if (!tags.SequenceEqual(row.Tags!) || !pixels.SequenceEqual(row.Pixels!))
            {
                wrong.Add($"{file.Name} tags [{string.Join(' ', tags.Except(row.Tags!))}] [{string.Join(' ', row.Tags!.Except(tags))}] pixels {pixels.Count}/{row.Pixels!.Count}");
            }
        }
        output.WriteLine($"{files.Count} files, {rows.Values.Count(row => row.Error is null)} of which GDCM reads");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static List<string> Pixels(ReadFile read)
    {
        if (read.DataSet[DicomTags.PixelData] is not { } element)
        {
            return [];
        }
        return element.Fragments is { } pixels
            ? [.. pixels.Fragments.Select(fragment => Digest(read, fragment.Offset + 8, fragment.Length))]
            // GDCM turns the words of a big endian file as it reads them.
            : [OracleJson.Digest(ByteOrder.Swapped(read.Bytes.Span.Slice((int)element.Offset, (int)element.Length), element.IsBigEndian ? element.Vr.SwapUnit() : 1))[7..]];
    }

    private static string Digest(ReadFile read, long offset, long length) => OracleJson.Digest(read.Bytes.Span.Slice((int)offset, (int)length))[7..];

    private sealed record Row(string Path, List<string>? Tags, List<string>? Pixels, string? Error);
}
