using System.Buffers;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests;

[Collection(Alone.Name)]
public sealed class RleMutationTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Decode_BrokenFrames_AreRefusedOrDecodedInLessThanASecond()
    {
        var frames = Made().ToList();
        if (Corpus.Exists)
        {
            foreach (var file in PixelFile.Corpus("1.2.840.10008.1.2.5").Where(file => file.Length < 200_000))
            {
                var read = await PixelFile.OpenAsync(file.Path);
                frames.Add((read.Frames[0], read.Pixels));
            }
        }
        var room = new byte[frames.Max(frame => frame.What.FrameLength)];
        var (summary, wrong) = FrameMutations.Run(frames, (frame, pixels) => RleFrame.Decode(frame, pixels, room.AsSpan(0, (int)pixels.FrameLength)));
        output.WriteLine(summary);
        Assert.Equal("", wrong);
    }

    private static IEnumerable<(byte[] Frame, ImagePixels What)> Made()
    {
        foreach (var (samples, bits) in new[] { (1, 1), (1, 8), (1, 16), (3, 8), (3, 16), (1, 32), (4, 8) })
        {
            var pixels = RleFrameTests.Pixels(20, 33, samples, bits);
            var encoded = new ArrayBufferWriter<byte>();
            RleFrame.Encode(RleFrameTests.Runs(new Random(bits), (int)pixels.FrameLength), pixels, encoded);
            yield return (encoded.WrittenSpan.ToArray(), pixels);
        }
    }
}
