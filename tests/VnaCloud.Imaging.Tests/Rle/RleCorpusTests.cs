using System.Buffers;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests;

public sealed class RleCorpusTests(ITestOutputHelper output)
{
    private const string Rle = "1.2.840.10008.1.2.5";

    [Fact]
    public async Task Decode_EveryRleFileOfTheCorpus_IsWhatDcmdrleDecodes()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        Assert.SkipUnless(Oracle.HasDcmtk.Value, Oracle.Missing);
        var wrong = new List<string>();
        var (files, frames) = (0, 0);
        foreach (var file in PixelFile.Corpus(Rle))
        {
            var ours = await PixelFile.OpenAsync(file.Path);
            var theirs = ours.Pixels.BitsAllocated == 1
                ? await NativeTwinAsync(file) : (await Oracle.RunAsync("dcmdrle", [], file.Path)).File;
            Assert.True(theirs is not null, $"{file}: dcmdrle does not read it");
            Assert.Equal(ours.Pixels.Frames, ours.Frames.Count);
            files++;
            for (var i = 0; i < ours.Frames.Count; i++, frames++)
            {
                var decoded = Decode(ours.Frames[i], ours.Pixels);
                var again = Decode(Encode(decoded, ours.Pixels with { IsPlanar = false }), ours.Pixels);
                if (!decoded.AsSpan().SequenceEqual(theirs.Frames[i]) || !again.AsSpan().SequenceEqual(decoded))
                {
                    wrong.Add($"{file} frame {i + 1}: {theirs.Frames[i].Length} bytes, ours {decoded.Length}, equal to {decoded.AsSpan().CommonPrefixLength(theirs.Frames[i])}");
                }
            }
        }
        output.WriteLine($"{files} files, {frames} frames");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(files >= 25);
    }

    [Theory]
    [InlineData(1, 8, false)]
    [InlineData(1, 16, false)]
    [InlineData(3, 8, false)]
    [InlineData(3, 8, true)]
    [InlineData(3, 16, true)]
    [InlineData(1, 32, false)]
    [InlineData(3, 32, false)]
    public async Task Encode_NativeFrame_IsReadBackByDcmdrle(int samples, int bits, bool planar)
    {
        Assert.SkipUnless(Oracle.HasDcmtk.Value, Oracle.Missing);
        var pixels = RleFrameTests.Pixels(37, 61, samples, bits) with { IsPlanar = planar };
        var native = RleFrameTests.Runs(new Random(bits + samples), (int)pixels.FrameLength);
        var (theirs, complaint) = await Oracle.RunAsync("dcmdrle", [], PixelFile.Wrap([Encode(native, pixels)], pixels, Rle));
        Assert.True(theirs is not null, complaint);
        Assert.Equal(PixelFile.ByPixel(native, pixels), theirs.Frames[0]);
    }

    // DCMTK 3.6.7, pydicom 2.3 and GDCM 3.0 read no RLE of single bits: the native files from which pydicom's authors made them are the witness.
    private static async Task<PixelFile> NativeTwinAsync(CorpusFile file)
    {
        var native = Path.GetFileName(file.Path).Replace("_rle", "", StringComparison.Ordinal);
        return await PixelFile.OpenAsync(Corpus.Valid.Single(other => other.Name == native).Path);
    }

    private static byte[] Decode(byte[] frame, ImagePixels pixels)
    {
        var decoded = new byte[pixels.FrameLength];
        RleFrame.Decode(frame, pixels, decoded);
        return decoded;
    }

    private static byte[] Encode(byte[] native, ImagePixels pixels)
    {
        var encoded = new ArrayBufferWriter<byte>();
        RleFrame.Encode(native, pixels, encoded);
        return encoded.WrittenSpan.ToArray();
    }
}
