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
    public void Image_WithAProfileOfItsOwn_KeepsItWhereItIsAskedFor()
    {
        var own = IccProfile.Of(ColourSpace.AdobeRgb);
        var picture = Render(own, IccChoice.Yes);
        Assert.Equal(own, picture.Profile.ToArray());
        Assert.Equal(Colours, picture.Samples.ToArray());
        Assert.True(Render(own, IccChoice.No).Profile.IsEmpty);
        Assert.Equal(Colours, Render(own, IccChoice.No).Samples.ToArray());
    }

    // Into its own space and back nothing changes but roundings.
    [Theory]
    [InlineData(ColourSpace.AdobeRgb, IccChoice.AdobeRgb)]
    [InlineData(ColourSpace.RommRgb, IccChoice.RommRgb)]
    [InlineData(ColourSpace.DisplayP3, IccChoice.DisplayP3)]
    public void Image_AskedForInItsOwnSpace_StaysAsItIs(ColourSpace space, IccChoice choice) =>
        Assert.All(Render(IccProfile.Of(space), choice).Samples.ToArray().Zip(Colours), pair => Assert.InRange(pair.First - pair.Second, -2, 2));

    // LittleCMS turns the same colours by the same profile: the corpus's (a curve of 1,024 entries), and curves of every form.
    [Theory]
    [InlineData(IccChoice.Srgb)]
    [InlineData(IccChoice.AdobeRgb)]
    [InlineData(IccChoice.RommRgb)]
    [InlineData(IccChoice.DisplayP3)]
    public async Task Image_WithAProfileOfItsOwn_IsTurnedAsByLittleCms(IccChoice choice)
    {
        var profiles = Curves().Select(IccProfileFile.WithCurve).ToList();
        profiles.Add(IccProfile.Of(ColourSpace.RommRgb));
        if (Corpus.Exists)
        {
            var file = Corpus.Valid.First(file => file.Name == "pydicom-pet.dcm");
            profiles.Add((await DicomReader.ReadAsync(new MemorySource(file.ReadBytes()), new DicomReadOptions())).DataSet[DicomTags.ICCProfile]!.Value.ToArray());
        }
        foreach (var own in profiles)
        {
            var picture = Render(own, choice);
            Assert.Null(picture.Remark);
            await RequireAsync(picture, own, $"profile {profiles.IndexOf(own)}");
        }
    }

    [Fact]
    public void Image_WithAProfileOfTables_KeepsItAndItsColours_AndSaysSo()
    {
        var own = IccProfileFile.WithTag("A2B0", "mft2"u8.ToArray());
        var picture = Render(own, IccChoice.Srgb);
        Assert.Equal(own, picture.Profile.ToArray());
        Assert.Equal(Colours, picture.Samples.ToArray());
        Assert.Contains("made of tables", picture.Remark, StringComparison.Ordinal);
        Assert.Null(Render(own, IccChoice.Yes).Remark);
    }

    [Fact]
    public void Profile_CutOffOrDamaged_IsNeverReadBeyondItsEnd()
    {
        var own = IccProfileFile.WithCurve([.. "curv\0\0\0\0\0\0\0\u0002"u8, 0, 0, 255, 255]);
        var random = new Random(1);
        for (var i = 0; i < 5_000; i++)
        {
            var damaged = own[..random.Next(own.Length + 1)];
            for (var k = random.Next(4); k > 0 && damaged.Length > 0; k--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }
            var source = IccSource.Read(damaged);
            Assert.True(source is null || source.Curves.All(static curve => curve.All(static light => light is >= 0 and <= 1)));
        }
    }

    private static IEnumerable<byte[]> Curves()
    {
        static byte[] Numbers(params double[] values) => [.. values.SelectMany(static value => BitConverter.GetBytes((int)Math.Round(value * 65_536)).Reverse())];
        yield return [.. "curv\0\0\0\0\0\0\0\0"u8];
        yield return [.. "curv\0\0\0\0\0\0\0\u0001"u8, 1, 128, 0, 0];
        yield return [.. "curv\0\0\0\0\0\0\0\u0004"u8, 0, 0, 20, 0, 100, 0, 255, 255];
        yield return [.. "para\0\0\0\0\0\0\0\0"u8, .. Numbers(2.2)];
        yield return [.. "para\0\0\0\0\0\u0001\0\0"u8, .. Numbers(2.2, 1.1, -0.1)];
        yield return [.. "para\0\0\0\0\0\u0002\0\0"u8, .. Numbers(2, 1, -0.1, 0.05)];
        yield return [.. "para\0\0\0\0\0\u0003\0\0"u8, .. Numbers(2.4, 0.948, 0.052, 0.0774, 0.0405)];
        yield return [.. "para\0\0\0\0\0\u0004\0\0"u8, .. Numbers(2.4, 0.94, 0.05, 0.0774, 0.0405, 0.01, 0.01)];
    }

    private static Picture Render(byte[] own, IccChoice choice) =>
        FrameRenderer.Render(Rgb, Colours, new DicomDataSet().Set(new DicomElement(DicomTags.ICCProfile, DicomVr.OB, own)), 0, RenderOptions.Default with { Profile = choice });

    private static async Task RequireAsync(Picture picture, byte[] own, string name)
    {
        var folder = Directory.CreateTempSubdirectory("vna-icc");
        var (from, to) = (Path.Combine(folder.FullName, "from.icc"), Path.Combine(folder.FullName, "to.icc"));
        await File.WriteAllBytesAsync(from, own);
        await File.WriteAllBytesAsync(to, picture.Profile.ToArray());
        var result = await Tool.RunAsync("transicc", ["-t1", "-n", $"-i{from}", $"-o{to}"], string.Concat(Colours.Chunk(3).Select(colour => $"{colour[0]}\n{colour[1]}\n{colour[2]}\n")));
        folder.Delete(recursive: true);
        Assert.SkipWhen(result is null, "no transicc: install liblcms2-utils");
        var numbers = Encoding.UTF8.GetString(result.Output).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Colours.Length, numbers.Count);
        // It does not stop at the edges of a space.
        Assert.All(picture.Samples.ToArray().Zip(numbers.Select(static number => Math.Clamp(number, 0, 255))), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 2.5, $"{name}: {pair.First}, LittleCMS {pair.Second}"));
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
        var file = new ArrayBufferWriter<byte>();
        await new PictureEncoder(pool).JpegAsync(picture, 90, file, default);
        var jpeg = file.WrittenSpan.ToArray();
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
