using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests;

public sealed class JpegCorpusTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Decode_EveryLosslessFileOfTheCorpus_IsWhatDcmdjpegDecodes()
    {
        var (files, _) = await CompareAsync(0, "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70");
        Assert.True(files >= 20, $"only {files} files");
    }

    [Fact]
    public async Task Decode_EveryLossyFileOfTheCorpus_IsWithinOneOfDcmdjpeg()
    {
        var (files, _) = await CompareAsync(1, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51");
        Assert.True(files >= 28, $"only {files} files");
    }

    private async Task<(int Files, int Frames)> CompareAsync(int tolerance, params string[] syntaxes)
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        Assert.SkipUnless(Oracle.HasDcmtk.Value, Oracle.Missing);
        var wrong = new List<string>();
        var (files, frames, largest) = (0, 0, 0);
        foreach (var file in PixelFile.Corpus(syntaxes))
        {
            try
            {
                var (count, difference) = await CompareAsync(file, tolerance, wrong);
                (files, frames, largest) = (files + 1, frames + count, Math.Max(largest, difference));
            }
            catch (DicomFormatException unread)
            {
                output.WriteLine($"{file} ({file.Validity}) is no file to take frames from: {unread.Message}");
            }
            catch (ImageException refused)
            {
                output.WriteLine($"{file} ({file.Validity}): {refused.Message}");
                // Whatever else is refused must be nothing that DCMTK can decode.
                if (!refused.Message.StartsWith("Progressive", StringComparison.Ordinal) && (await Oracle.RunAsync("dcmdjpeg", [], file.Path)).File is not null)
                {
                    wrong.Add($"{file}: refused, but dcmdjpeg decodes it: {refused.Message}");
                }
            }
        }
        output.WriteLine($"{files} files, {frames} frames, largest difference {largest}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        return (files, frames);
    }

    private static async Task<(int Frames, int Difference)> CompareAsync(CorpusFile file, int tolerance, List<string> wrong)
    {
        var ours = await PixelFile.OpenAsync(file.Path);
        var decoded = ours.Frames.Select(frame => JpegSamples.Decode(frame)).ToList();
        var theirs = await DcmdjpegAsync(file.Path, ours);
        Assert.Equal(theirs.Count, decoded.Count);
        var largest = 0;
        for (var i = 0; i < decoded.Count; i++)
        {
            var difference = JpegSamples.LargestDifference(theirs[i], decoded[i]);
            largest = Math.Max(largest, difference);
            if (difference > tolerance)
            {
                wrong.Add($"{file} frame {i + 1}: differs by {difference}");
            }
        }
        return (decoded.Count, largest);
    }

    // A file whose data set DCMTK cannot read: its frames in a file of ours.
    private static async Task<List<int[]>> DcmdjpegAsync(string path, PixelFile file)
    {
        if ((await Oracle.RunAsync("dcmdjpeg", ["+cn", "+px"], path)).File is { } whole)
        {
            return [.. whole.Frames.Select(frame => JpegSamples.Of(frame, whole.Pixels.BitsAllocated))];
        }
        return await JpegSamples.DcmdjpegAsync(file.Frames, file.Pixels, file.Syntax.Uid);
    }
}
