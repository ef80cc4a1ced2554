using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Oracles;

public class FrameOracleTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Frames_OfTheCorpus_AreWhatPydicomExtracts()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var python = await Tool.PythonWithAsync("pydicom, numpy");
        Assert.SkipWhen(python is null, "no python3 with pydicom and numpy: set VNA_PYTHON");
        var files = Corpus.Sample(Corpus.Ok, 8);
        var script = Path.Combine(AppContext.BaseDirectory, "Oracles", "pydicom_frames.py");
        var result = await Tool.RunAsync(python!, [script], string.Concat(files.Select(file => file.Path + "\n")));
        var rows = Encoding.UTF8.GetString(result!.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!).ToDictionary(row => row.Path);

        var wrong = new List<string>();
        var count = 0;
        foreach (var file in files)
        {
            var read = await ReadFile.OpenAsync(file);
            var frames = FrameBytes.Locate(read);
            var ours = FrameBytes.All(read).Select(frame => Convert.ToHexStringLower(SHA256.HashData(frame))).ToList();
            count += ours.Count;
            var theirs = rows[file.Path].Frames;
            if (read.Reader.TransferSyntax.IsVideo)
            {
                // pydicom takes the whole stream for one frame; no frame of it stands alone.
                Assert.Equal((FrameLayout.Unknown, true), (frames.Layout, frames.IsConsistent));
                continue;
            }
            if (!ours.SequenceEqual(theirs ?? []) || (theirs is null && frames.Layout != FrameLayout.Unknown))
            {
                wrong.Add($"{file.Name} {frames.Layout} {frames.Count} frames {frames.FrameLength} of {frames.PixelLength}, pydicom {theirs?.Count} {rows[file.Path].Error} {read.Reader.TransferSyntax.Name}");
            }
        }
        output.WriteLine($"{files.Count} files, {count} frames");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>The same image in both byte orders, as pydicom's authors made them: the only witness for 8-bit samples in OW.</summary>
    [Theory]
    [InlineData("pydicomdata-obxxxx1a_expb.dcm", "pydicomdata-obxxxx1a.dcm")]
    [InlineData("pydicom-sc_rgb_small_odd_big_endian.dcm", "pydicom-sc_rgb_small_odd.dcm")]
    [InlineData("pydicom-rtdose_expb_1frame.dcm", "pydicom-rtdose_1frame.dcm")]
    [InlineData("pydicomdata-liver_expb.dcm", "pydicomdata-liver.dcm")]
    [InlineData("pydicom-mr_small_bigendian.dcm", "pydicom-mr_small.dcm")]
    public async Task Frames_OfABigEndianTwin_AreThoseOfTheLittleEndianFile(string big, string little)
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var frames = new List<List<byte[]>>();
        foreach (var name in new[] { big, little })
        {
            frames.Add([.. FrameBytes.All(await ReadFile.OpenAsync(Corpus.Valid.Single(file => file.Name == name)))]);
        }
        Assert.NotEmpty(frames[0]);
        Assert.Equal(frames[1], frames[0]);
    }

    private sealed record Row(string Path, List<string>? Frames, string? Error);
}
