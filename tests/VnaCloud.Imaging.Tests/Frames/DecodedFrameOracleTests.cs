using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Imaging.Tests.Codecs;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Frames;

/// <summary>Every encapsulated frame of the corpus, decoded, against the programs of others: the same bits, or within one step where the compression is lossy.</summary>
public sealed class DecodedFrameOracleTests(ITestOutputHelper output) : IDisposable
{
    // Oracles that are wrong or cannot read the file, by name: with what is so instead.
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["gcphealth-example-mg.dcm"] = "says RGB over a JFIF stream, which is YCbCr: DCMTK shows luma and chroma as colours",
        ["gcphealth-example2.dcm"] = "likewise",
        ["weasis-jpeg2000-multiframe-multifragments.dcm"] = "samples beyond the 12 bits stored, of a lossy stream with 16 bits: clamped here, cut off by who masks them",
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vna-frames");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Frames_OfTheCorpus_DecodeAsOthersDecodeThem()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var python = await Tool.PythonWithAsync("pydicom, numpy");
        Assert.SkipWhen(python is null, "no python3 with pydicom and numpy: set VNA_PYTHON");
        await using var pool = CodecPrograms.Open();
        var files = Corpus.Sample([.. Corpus.Ok.Concat(Corpus.Valid.Where(file => file.Validity == "parses-with-warnings"))
            .Where(file => TransferSyntax.Get(file.TransferSyntaxUid) is { IsEncapsulated: true } syntax && FrameDecoder.IsSupported(syntax) && file["rows"].Length > 0)], 6);
        var lines = string.Concat(files.Select((file, i) => $"{file.Path}\t{Target(i)}\n"));
        var oracle = await Tool.RunAsync(python!, [Path.Combine(AppContext.BaseDirectory, "Frames", "decode_frames.py")], lines);
        var answers = Encoding.UTF8.GetString(oracle!.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(answers.Length == files.Count, oracle.Errors);
        var (frames, differences) = (0, new List<string>());
        for (var i = 0; i < files.Count; i++)
        {
            var (count, difference) = await CompareAsync(pool, files[i], answers[i].Split('\t'), Target(i));
            frames += count;
            if (difference is not null)
            {
                differences.Add($"{files[i].Name} ({files[i].TransferSyntaxUid}, {files[i]["photometric"]}): {difference}");
            }
        }
        output.WriteLine($"{frames} frames of {files.Count} files: {answers.GroupBy(answer => answer.Split('\t')[^1]).Aggregate("", (all, tool) => $"{all} {tool.Key} {tool.Count()}")}");
        var unknown = differences.Where(difference => !Known.ContainsKey(difference.Split(' ')[0])).ToList();
        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
        Assert.DoesNotContain(Known.Keys, name => files.Any(file => file.Name == name) && !differences.Exists(difference => difference.StartsWith(name, StringComparison.Ordinal)));
    }

    private async Task<(int Frames, string? Difference)> CompareAsync(CodecPool pool, CorpusFile file, string[] answer, string target)
    {
        var stored = await StoredFrames.ReadAsync(file);
        var pixels = ImagePixels.Of(stored.DataSet);
        var decoder = new FrameDecoder(pool);
        if (answer[0] == "-")
        {
            // What they refuse has to be refused here.
            output.WriteLine($"{file.Name}: {answer[1]}");
            return (0, await Record.ExceptionAsync(() => decoder.DecodeAsync(stored.Syntax, pixels, stored.Frame(0), default)) is ImageException refused ? Say(refused.Message) : $"no oracle: {answer[1]}");
        }
        var expected = await File.ReadAllBytesAsync(target);
        var at = 0;
        for (var i = 0; i < stored.Count; i++)
        {
            try
            {
                using var frame = await decoder.DecodeAsync(stored.Syntax, pixels, stored.Frame(i), default);
                if (frame.Pixels.Photometric != answer[0] || at + frame.Length > expected.Length)
                {
                    return (i, $"{frame.Pixels.Photometric}, {frame.Length} bytes a frame; {answer[2]} has {answer[0]}, {expected.Length} bytes in all");
                }
                if (Difference(frame, expected.AsSpan(at, frame.Length), stored.Syntax.IsLossy) is { } difference)
                {
                    return (i, $"frame {i + 1} against {answer[2]}: {difference}");
                }
                at += frame.Length;
            }
            catch (ImageException refused)
            {
                return (i, $"frame {i + 1}: {refused.Message}");
            }
        }
        return (stored.Count, null);
    }

    private static string? Difference(FrameSamples frame, ReadOnlySpan<byte> expected, bool isLossy)
    {
        var ours = frame.Bytes.Span;
        var size = Math.Max(1, frame.Pixels.BitsAllocated / 8);
        var (most, count) = (0L, 0);
        for (var i = 0; i + size <= ours.Length; i += size)
        {
            var difference = Math.Abs(Value(ours.Slice(i, size), frame.Pixels) - Value(expected.Slice(i, size), frame.Pixels));
            most = Math.Max(most, difference);
            count += difference > (isLossy ? 1 : 0) ? 1 : 0;
        }
        return count == 0 ? null : $"{count} of {ours.Length / size} samples differ, by {most} at most";
    }

    // The bits above the high bit mean nothing.
    private static long Value(ReadOnlySpan<byte> cell, ImagePixels pixels)
    {
        var value = 0L;
        for (var i = cell.Length - 1; i >= 0; i--)
        {
            value = value << 8 | cell[i];
        }
        if (pixels.BitsAllocated > 1 && pixels.BitsStored < 64)
        {
            value = value >> (pixels.HighBit + 1 - pixels.BitsStored) & ((1L << pixels.BitsStored) - 1);
        }
        return value;
    }

    private string? Say(string text)
    {
        output.WriteLine($"    here: {text}");
        return null;
    }

    private string Target(int i) => Path.Combine(_folder.FullName, $"{i}.raw");
}
