using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Imaging.Tests.Codecs;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Profiles in pictures, and colours in the space that they name.</summary>
public sealed class IccRenderTests
{
    private static readonly ImagePixels Rgb = new() { Rows = 1, Columns = 4, Samples = 3, BitsAllocated = 8, BitsStored = 8, HighBit = 7, Photometric = "RGB" };
    private static readonly byte[] Colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128];

    // What the primaries of sRGB are elsewhere, as colour engines say.
    [Theory]
    [InlineData(IccChoice.Yes, new[] { 255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128 })]
    [InlineData(IccChoice.Srgb, new[] { 255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128 })]
    [InlineData(IccChoice.AdobeRgb, new[] { 219, 0, 0, 144, 255, 60, 0, 0, 250, 127, 127, 127 })]
    [InlineData(IccChoice.DisplayP3, new[] { 234, 51, 35, 117, 251, 76, 0, 0, 245, 128, 128, 128 })]
    [InlineData(IccChoice.RommRgb, new[] { 179, 70, 26, 138, 237, 78, 86, 35, 235, 109, 109, 109 })]
    public void Colours_InAnotherSpace_AreThoseOfColourEngines(IccChoice choice, int[] expected)
    {
        var picture = FrameRenderer.Render(Rgb, Colours, new DicomDataSet(), 0, RenderOptions.Default with { Profile = choice });
        Assert.All(picture.Samples.ToArray().Zip(expected), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        Assert.Equal(picture.Profile.Length, BinaryPrimitives.ReadInt32BigEndian(picture.Profile.Span));
        Assert.Equal("acsp", Encoding.ASCII.GetString(picture.Profile.Span.Slice(36, 4)));
    }

    // LittleCMS reads the profile and turns the same colours by it.
    [Theory]
    [InlineData(IccChoice.AdobeRgb)]
    [InlineData(IccChoice.DisplayP3)]
    [InlineData(IccChoice.RommRgb)]
    public async Task Profile_ReadByLittleCms_GivesTheSameColours(IccChoice choice)
    {
        var picture = FrameRenderer.Render(Rgb, Colours, new DicomDataSet(), 0, RenderOptions.Default with { Profile = choice });
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, picture.Profile.ToArray());
        var result = await Tool.RunAsync("transicc", ["-t1", "-n", $"-o{file}"], string.Concat(Colours.Chunk(3).Select(colour => $"{colour[0]}\n{colour[1]}\n{colour[2]}\n")));
        File.Delete(file);
        Assert.SkipWhen(result is null, "no transicc: install liblcms2-utils");
        var numbers = Encoding.UTF8.GetString(result.Output).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Colours.Length, numbers.Count);
        // At black the curves are so steep that the rounding of the profile's numbers makes two steps.
        Assert.All(picture.Samples.ToArray().Zip(numbers), pair => Assert.InRange(pair.First - pair.Second, -2.5, 2.5));
    }

    [Fact]
    public void Image_WithAProfileOfItsOwn_KeepsItAndItsColours()
    {
        var own = IccProfile.Of(ColourSpace.AdobeRgb);
        var dataSet = new DicomDataSet().Set(new DicomElement(DicomTags.ICCProfile, DicomVr.OB, own));
        var picture = FrameRenderer.Render(Rgb, Colours, dataSet, 0, RenderOptions.Default with { Profile = IccChoice.DisplayP3 });
        Assert.Equal(own, picture.Profile.ToArray());
        Assert.Equal(Colours, picture.Samples.ToArray());
        Assert.True(FrameRenderer.Render(Rgb, Colours, dataSet, 0).Profile.IsEmpty);
    }

    [Fact]
    public async Task Files_CarryTheProfile()
    {
        var profile = new byte[100_000];
        new Random(1).NextBytes(profile);
        var picture = new Picture(4, 1, 3, Colours) { Profile = profile };
        var png = new ArrayBufferWriter<byte>();
        PngWriter.Write(picture, png);
        var chunk = png.WrittenSpan.IndexOf("iCCP"u8);
        Assert.Equal(8 + 25 + 4, chunk);
        using var zlib = new ZLibStream(new MemoryStream(png.WrittenSpan[(chunk + 4 + 5)..].ToArray()), CompressionMode.Decompress);
        var inflated = new byte[profile.Length];
        zlib.ReadExactly(inflated);
        Assert.Equal(profile, inflated);
        await using var pool = CodecPrograms.Open();
        var jpeg = await new PictureEncoder(pool).JpegAsync(picture, 90, default);
        var (joined, at) = (new List<byte>(), 2);
        while (jpeg[at + 1] == 0xE2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));
            Assert.Equal("ICC_PROFILE\0", Encoding.ASCII.GetString(jpeg, at + 4, 12));
            Assert.Equal(2, jpeg[at + 17]);
            joined.AddRange(jpeg[(at + 18)..(at + 2 + length)]);
            at += 2 + length;
        }
        Assert.Equal(profile, joined);
        Assert.Equal((4, 1), (JpegHeader.Read(jpeg).Width, JpegHeader.Read(jpeg).Height));
    }
}
