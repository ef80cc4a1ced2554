using System.Buffers;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>GIF, read back by <see cref="GifReader"/>.</summary>
public sealed class GifWriterRenderTests
{
    [Fact]
    public void Add_GrayscaleFrames_AreExact()
    {
        Picture[] pictures = [Pictures.Noise(123, 77, 1), Pictures.Ramp(123, 77, 1), Pictures.Flat(123, 77)];
        var gif = Write(pictures, TimeSpan.FromMilliseconds(125));
        Assert.True(gif.Repeats);
        Assert.Equal(pictures.Length, gif.Frames.Count);
        foreach (var (picture, frame) in pictures.Zip(gif.Frames))
        {
            Assert.Equal(12, frame.Delay);
            Assert.Equal(picture.Samples.ToArray(), frame.Rgb.Where((_, i) => i % 3 == 0));
        }
    }

    // The width of a code changes at other places for each length: the end may fall on any of them.
    [Fact]
    public void Add_OfAnyLength_EndsWhereTheReaderLooks()
    {
        for (var length = 1; length < 1100; length++)
        {
            var picture = Pictures.Noise(length, 1, 1);
            Assert.Equal(picture.Samples.ToArray(), Write([picture], TimeSpan.Zero).Frames[0].Rgb.Where((_, i) => i % 3 == 0));
        }
        for (var length = 3830; length < 3850; length++)
        {
            var picture = Pictures.Noise(length, 1, 1);
            Assert.Equal(picture.Samples.ToArray(), Write([picture], TimeSpan.Zero).Frames[0].Rgb.Where((_, i) => i % 3 == 0));
        }
    }

    [Fact]
    public void Add_FewColours_AreNearlyExact()
    {
        // 200 colours; cells of 6 bits are 4 wide.
        var samples = Enumerable.Range(0, 40 * 20 * 3).Select(i => (byte)(i / 3 % 200 * (1 + (i % 3)))).ToArray();
        var frame = Write([new Picture(40, 20, 3, samples)], TimeSpan.FromSeconds(1)).Frames[0];
        Assert.Equal(100, frame.Delay);
        Assert.True(samples.Zip(frame.Rgb).All(pair => Math.Abs(pair.First - pair.Second) <= 3));
    }

    [Fact]
    public void Add_ManyColours_AreClose()
    {
        var picture = Pictures.Ramp(256, 256, 3);
        var frame = Write([picture], TimeSpan.Zero).Frames[0];
        var worst = picture.Samples.ToArray().Zip(frame.Rgb).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.InRange(worst, 1, 16);
    }

    [Fact]
    public void Add_OfAnotherSize_IsRefused()
    {
        var writer = new GifWriter(new ArrayBufferWriter<byte>(), 2, 2, TimeSpan.Zero);
        Assert.Throws<ArgumentException>(() => writer.Add(Pictures.Flat(2, 3)));
    }

    private static GifReader Write(IEnumerable<Picture> pictures, TimeSpan delay)
    {
        var output = new ArrayBufferWriter<byte>();
        GifWriter? writer = null;
        foreach (var picture in pictures)
        {
            writer ??= new GifWriter(output, picture.Width, picture.Height, delay);
            writer.Add(picture);
        }
        writer!.Complete();
        return GifReader.Read(output.WrittenSpan.ToArray());
    }
}
