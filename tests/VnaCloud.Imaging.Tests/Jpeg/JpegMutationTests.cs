using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests;

[Collection(Alone.Name)]
public sealed class JpegMutationTests(ITestOutputHelper output)
{
    private const int LongestOutput = 4 << 20;
    private static readonly string[] Syntaxes = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"];

    [Fact]
    public async Task Decode_BrokenStreams_AreRefusedOrDecodedInLessThanASecond()
    {
        var frames = Made().ToList();
        if (Corpus.Exists)
        {
            await AddCorpusAsync(frames);
        }
        var room = new byte[LongestOutput];
        var large = 0;
        var (summary, wrong) = FrameMutations.Run(frames, (stream, _) =>
        {
            var header = JpegHeader.Read(stream);
            if (header.OutputLength > room.Length)
            {
                // A caller that knows Rows and Columns gives no such room.
                large++;
                throw new ImageException("too large");
            }
            JpegDecoder.Decode(stream, header, room.AsSpan(0, (int)header.OutputLength), default);
        });
        output.WriteLine($"{summary}, {large} of them for their size");
        Assert.Equal("", wrong);
    }

    private static IEnumerable<(byte[] Frame, bool IsMade)> Made()
    {
        for (var i = 0; i < 8; i++)
        {
            List<(int, int)> sampling = i % 2 == 0 ? [(1, 1)] : [(2, 1 + i / 2 % 2), (1, 1), (1, 1)];
            yield return (new LosslessStream(16 - i, 1 + i % 7, 0, 40, 30, sampling) { IsInterleaved = i % 3 != 0, RestartRows = i % 4, Seed = i }.Encode(), true);
            yield return (new SequentialStream(JpegProcess.ExtendedSequential, i < 4 ? 8 : 12, 40, 30, sampling) { IsInterleaved = i % 3 != 0, RestartInterval = i % 4, Seed = i }.Encode(), true);
        }
    }

    private static async Task AddCorpusAsync(List<(byte[] Frame, bool IsMade)> frames)
    {
        foreach (var file in PixelFile.Corpus(Syntaxes).Where(file => file.Length < 160_000))
        {
            try
            {
                frames.Add(((await PixelFile.OpenAsync(file.Path)).Frames[0], false));
            }
            catch (DicomFormatException)
            {
                // Broken already, as a file: no frame to begin with.
            }
        }
    }
}
