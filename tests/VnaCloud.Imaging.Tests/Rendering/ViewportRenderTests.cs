using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>viewport and window as clients write them (PS3.18 sections 8.3.5.1.3 and 8.3.5.1.4), and what comes of them.</summary>
public sealed class ViewportRenderTests
{
    private static readonly VoiWindow Plain = new(127.5, 255, VoiFunction.LinearExact);

    [Theory]
    [InlineData("512,256", 512, 256, 0, 0, null, null)]
    [InlineData("512,256,10.5,20,30,-40", 512, 256, 10.5, 20, 30.0, -40.0)]
    [InlineData("1,1,,,-5", 1, 1, 0, 0, -5.0, null)]
    [InlineData("8192,8192,,,,7", 8192, 8192, 0, 0, null, 7.0)]
    public void Viewport_WellFormed_IsRead(string text, int width, int height, double left, double top, double? regionWidth, double? regionHeight)
    {
        Assert.True(Viewport.TryParse(text, out var viewport, out var error), error);
        Assert.Equal((width, height, left, top, regionWidth, regionHeight),
            (viewport.Width, viewport.Height, viewport.Left, viewport.Top, viewport.RegionWidth, viewport.RegionHeight));
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData(null, "vw,vh")]
    [InlineData("512", "vw,vh")]
    [InlineData("1,2,3,4,5,6,7", "vw,vh")]
    [InlineData("0,10", "from 1")]
    [InlineData("10,0", "from 1")]
    [InlineData("-5,10", "from 1")]
    [InlineData("1.5,10", "from 1")]
    [InlineData("8193,10", "from 1")]
    [InlineData("99999999999,10", "from 1")]
    [InlineData("10,10,x", "decimal")]
    [InlineData("10,10,0,0,NaN,5", "decimal")]
    [InlineData("10,10,0,0,1e3,5", "decimal")]
    [InlineData("10,10,-1,0", "negative")]
    [InlineData("10,10,0,0,0,5", "not 0")]
    public void Viewport_Malformed_IsNamed(string? text, string says)
    {
        Assert.False(Viewport.TryParse(text, out _, out var error));
        Assert.StartsWith("viewport", error, StringComparison.Ordinal);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("40,400,linear", 40, 400, VoiFunction.Linear)]
    [InlineData("-0.5, 0.25, linear-exact", -0.5, 0.25, VoiFunction.LinearExact)]
    [InlineData("1e3,2,SIGMOID", 1000, 2, VoiFunction.Sigmoid)]
    [InlineData("40,400", 40, 400, VoiFunction.Linear)]
    public void Window_WellFormed_IsRead(string text, double center, double width, VoiFunction function)
    {
        Assert.True(VoiWindow.TryParse(text, out var window, out _));
        Assert.Equal(new VoiWindow(center, width, function), window);
    }

    [Theory]
    [InlineData(null, "center,width,function")]
    [InlineData("40", "center,width,function")]
    [InlineData("40,400,linear,x", "center,width,function")]
    [InlineData("40,wide,linear", "decimal")]
    [InlineData("NaN,400,linear", "decimal")]
    [InlineData("40,400,cubic", "sigmoid")]
    [InlineData("40,0.5,linear", "at least 1")]
    [InlineData("40,0,linear-exact", "above 0")]
    [InlineData("40,-3,sigmoid", "above 0")]
    public void Window_Malformed_IsNamed(string? text, string says)
    {
        Assert.False(VoiWindow.TryParse(text, out _, out var error));
        Assert.StartsWith("window", error, StringComparison.Ordinal);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("50,50", 50, 25)]
    [InlineData("400,400", 400, 200)]
    [InlineData("400,50", 100, 50)]
    [InlineData("1,1", 1, 1)]
    [InlineData("40,40,0,0,10,20", 20, 40)]
    [InlineData("40,40,90,40,50,50", 40, 40)]
    public void Picture_InAViewport_KeepsTheRegionsProportions(string viewport, int width, int height)
    {
        var pixels = SmallImage.Row(100, 8) with { Rows = 50 };
        var picture = new SmallImage(pixels, new byte[5000]).Render(Options(viewport));
        Assert.Equal((width, height, 1), (picture.Width, picture.Height, picture.Channels));
    }

    [Fact]
    public void Picture_Smaller_IsTheMeanOfTheArea()
    {
        var image = new SmallImage(SmallImage.Row(4, 8) with { Rows = 2 }, [0, 40, 100, 100, 80, 120, 200, 204]);
        Assert.Equal([60, 151], image.Samples(Options("2,1")));
        // Thirds: (1 * 0 + 1/3 * 30) / (4/3) = 7.5, (2/3 * 30 + 2/3 * 60) / (4/3) = 45, (1/3 * 60 + 90) / (4/3) = 82.5.
        Assert.Equal([8, 45, 83], new SmallImage(SmallImage.Row(4, 8), [0, 30, 60, 90]).Samples(Options("3,1")));
    }

    [Fact]
    public void Picture_Larger_IsInterpolated()
    {
        Assert.Equal([0, 25, 75, 100], new SmallImage(SmallImage.Row(2, 8), [0, 100]).Samples(Options("4,2"))[..4]);
    }

    [Fact]
    public void Picture_OfARegion_HasNothingFromBesideIt()
    {
        var image = new SmallImage(SmallImage.Row(4, 8), [200, 0, 100, 200]);
        Assert.Equal([0, 25, 75, 100], image.Samples(Options("4,2,1,0,2,1"))[..4]);
        Assert.Equal([0, 100], image.Samples(Options("2,1,1,0,2,1")));
        // From the middle of the first pixel to that of the third: (200 / 2 + 0 + 100 / 2) / 2.
        Assert.Equal([75], image.Samples(Options("1,1,0.5,0,2,1")));
    }

    [Fact]
    public void Picture_OfANegativeRegion_IsMirrored()
    {
        var image = new SmallImage(SmallImage.Row(2, 8, "RGB") with { Rows = 2, Samples = 3 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        Assert.Equal([4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9], image.Samples(Options("2,2,0,0,-2,2")));
        Assert.Equal([7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6], image.Samples(Options("2,2,0,0,2,-2")));
        Assert.Equal([10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3], image.Samples(Options("2,2,,,-2,-2")));
    }

    [Fact]
    public void Viewport_OutsideOfTheImage_ShowsNothing()
    {
        var image = new SmallImage(SmallImage.Row(4, 8), new byte[4]);
        Assert.Throws<ImageException>(() => image.Render(Options("4,4,4,0")));
        Assert.True(Viewport.TryParse("4,4,4,0", out var viewport, out _));
        Assert.False(viewport.Meets(4, 1));
        Assert.True(viewport.Meets(5, 1));
    }

    [Theory]
    [InlineData("2\\1", 100, 100)]
    [InlineData("1\\2", 200, 50)]
    [InlineData("1\\1", 100, 50)]
    [InlineData("0\\1", 100, 50)]
    [InlineData("1\\1000", 100, 50)]
    [InlineData("7", 100, 50)]
    public void PixelAspectRatio_OfTheImage_MakesPixelsSquare(string ratio, int width, int height)
    {
        var image = new SmallImage(SmallImage.Row(100, 8) with { Rows = 50 }, new byte[5000]).With(DicomTags.PixelAspectRatio, ratio);
        var picture = image.Render();
        Assert.Equal((width, height), (picture.Width, picture.Height));
        var shown = image.Render(Options("10,10"));
        Assert.Equal((width >= height ? 10 : 10 * width / height, height >= width ? 10 : (int)Math.Round(10.0 * height / width)), (shown.Width, shown.Height));
    }

    private static RenderOptions Options(string viewport)
    {
        Assert.True(Viewport.TryParse(viewport, out var parsed, out var error), error);
        return new RenderOptions { Viewport = parsed, Window = Plain };
    }
}
