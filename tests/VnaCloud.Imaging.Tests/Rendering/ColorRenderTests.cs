namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Colour: the numbers are computed from PS3.3 C.7.6.3.1.2 by hand.</summary>
public sealed class ColorRenderTests
{
    [Fact]
    public void Rgb_InterleavedAndPlanar_IsInterleaved()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6], Render(Row("RGB"), [1, 2, 3, 4, 5, 6]));
        Assert.Equal([1, 3, 5, 2, 4, 6], Render(Row("RGB") with { IsPlanar = true }, [1, 2, 3, 4, 5, 6]));
    }

    [Fact]
    public void Rgb_OfSixteenBits_ShowsTheHighBits()
    {
        var pixels = SmallImage.Row(1, 16, "RGB") with { Samples = 3 };
        Assert.Equal([0x12, 0xFF, 0x00], Render(pixels, SmallImage.Bytes(0x1234, 0xFFFF, 0x00FF)));
        Assert.Equal([0x23, 0xFF, 0x0F], Render(pixels with { BitsStored = 12, HighBit = 11 }, SmallImage.Bytes(0x1234, 0xFFFF, 0x00FF)));
    }

    [Theory]
    [InlineData("YBR_RCT")]
    [InlineData("YBR_ICT")]
    public void YbrOfJpeg2000_WhenDecoded_IsRgb(string photometric) => Assert.Equal([9, 8, 7, 6, 5, 4], Render(Row(photometric), [9, 8, 7, 6, 5, 4]));

    [Fact]
    public void YbrFull_IsTheInverseOfTheMatrix()
    {
        // R = 100 + 1.402 * 72 = 200.94; G = 100 - 0.344 * 22 - 0.714 * 72 = 41.01; B = 100 + 1.772 * 22 = 138.98.
        Assert.Equal([201, 41, 139, 255, 255, 255], Render(Row("YBR_FULL"), [100, 150, 200, 255, 128, 128]));
        Assert.Equal([201, 41, 139, 255, 255, 255], Render(Row("YBR_FULL") with { IsPlanar = true }, [100, 255, 150, 128, 200, 128]));
    }

    [Fact]
    public void YbrFull422_TwoPixelsInFourSamples_ShareTheirColour()
    {
        // The second pixel is 50 darker: G would be -8.99.
        Assert.Equal([201, 41, 139, 151, 0, 89], Render(Row("YBR_FULL_422"), [100, 50, 150, 200]));
    }

    [Fact]
    public void YbrFull422_WithAllSamples_IsWhatACodecReturned()
    {
        Assert.Equal([201, 41, 139, 0, 0, 0], Render(Row("YBR_FULL_422"), [100, 150, 200, 0, 128, 128]));
    }

    [Fact]
    public void YbrPartial_BlackIs16AndWhite235()
    {
        Assert.Equal([0, 0, 0, 255, 255, 255], Render(Row("YBR_PARTIAL_420"), [16, 128, 128, 235, 128, 128]));
        // (126 - 16) * 255 / 219 = 128.08.
        Assert.Equal([0, 0, 0, 128, 128, 128], Render(Row("YBR_PARTIAL_422"), [16, 126, 128, 128]));
    }

    [Theory]
    [InlineData("ARGB")]
    [InlineData("CMYK")]
    [InlineData("HSV")]
    [InlineData("XYZ")]
    public void Photometric_RetiredOrUnknown_IsAnImageException(string photometric)
    {
        var error = Assert.Throws<ImageException>(() => Render(Row(photometric), new byte[6]));
        Assert.Contains(photometric, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ImageException>(() => Render(Row(photometric) with { Samples = 4 }, new byte[8]));
        Assert.Contains(photometric, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ImageException>(() => Render(Row(photometric) with { Samples = 1 }, new byte[2]));
        Assert.Contains(photometric, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RGB", 5)]
    [InlineData("YBR_FULL_422", 3)]
    [InlineData("YBR_PARTIAL_420", 4)]
    public void Frame_TooShort_IsAnImageException(string photometric, int length) =>
        Assert.Throws<ImageException>(() => Render(Row(photometric), new byte[length]));

    private static ImagePixels Row(string photometric) => SmallImage.Row(2, 8, photometric) with { Samples = 3 };

    private static byte[] Render(ImagePixels pixels, byte[] frame) => new SmallImage(pixels, frame).Samples();
}
