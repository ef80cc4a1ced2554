using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Graphic overlays, on images small enough to be written down. The corpus's are held against DCMTK's in <see cref="RenderOracleTests"/>.</summary>
public sealed class OverlayRenderTests
{
    private static readonly ImagePixels Pixels = new() { Rows = 4, Columns = 4, BitsAllocated = 16, BitsStored = 12, HighBit = 11, Photometric = "MONOCHROME2", Frames = 3 };

    [Theory]
    [InlineData(1, 1, 0, "#... .... .... ....")]
    [InlineData(2, 3, 0, ".... ..#. .... ....")]
    [InlineData(0, 0, 0, ".... .... .... ....")]
    [InlineData(-1, -1, 15, ".... .#.. .... ....")]
    [InlineData(4, 4, 15, ".... .... .... ....")]
    [InlineData(1, 1, 15, ".... .... .... ...#")]
    public void Plane_LiesWhereItsOriginSays(short row, short column, int bit, string expected)
    {
        Assert.Equal(expected, Seen(Plane(4, 4, [bit]).Set(Origin(row, column)), 0));
    }

    [Theory]
    [InlineData(null, null, "0", "0", "0")]
    [InlineData(2, null, "0", "1", "")]
    [InlineData(2, 2, "", "0", "1")]
    [InlineData(null, 3, "", "", "0")]
    public void Plane_OfSeveralFrames_IsThatOfTheFrame(int? frames, int? origin, params string[] expected)
    {
        // The first plane sets bit 0, the second bit 1.
        var data = Plane(4, 4, [0, 17]);
        if (frames is { } count)
        {
            data.Set(new DicomTag(0x6000_0015), DicomVr.IS, $"{count}");
        }
        if (origin is { } first)
        {
            data.Set(new DicomTag(0x6000_0051), (ushort)first);
        }
        for (var frame = 0; frame < expected.Length; frame++)
        {
            var seen = Seen(data, frame).Replace(" ", "", StringComparison.Ordinal);
            Assert.Equal(expected[frame].Length == 0 ? -1 : int.Parse(expected[frame], System.Globalization.CultureInfo.InvariantCulture), seen.IndexOf('#', StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Plane_InUnusedBits_IsSeen()
    {
        var data = new DicomDataSet()
            .Set(new DicomTag(0x6002_0040), DicomVr.CS, "G").Set(new DicomTag(0x6002_0100), (ushort)16).Set(new DicomTag(0x6002_0102), (ushort)13);
        var frame = new byte[32];
        frame[(2 * 6) + 1] = 1 << 5;
        Assert.Equal(".... ..#. .... ....", Seen(data, 0, frame));
        Assert.Equal(".... .... .... ....", Seen(data.Set(new DicomTag(0x6002_0102), (ushort)3), 0, frame));
    }

    [Fact]
    public void Plane_OfARegionOrHidden_IsNotSeen()
    {
        Assert.Equal(".... .... .... ....", Seen(Plane(4, 4, [3]).Set(new DicomTag(0x6000_0040), DicomVr.CS, "R"), 0));
        Assert.Equal(".... .... .... ....", Seen(Plane(4, 4, [3]), 0, options: RenderOptions.Default with { Overlays = OverlayChoice.Hidden }));
    }

    [Fact]
    public void Plane_ThatLies_HarmsNothing()
    {
        foreach (var (rows, columns) in new[] { (65_535, 65_535), (0, 4), (1, 65_535) })
        {
            var data = Plane(rows, columns, [0, 1, 2]).Set(Origin(short.MinValue, short.MaxValue)).Set(new DicomTag(0x6000_0015), DicomVr.IS, "2147483647");
            Assert.Equal(".... .... .... ....", Seen(data, 2));
        }
    }

    private static DicomElement Origin(short row, short column) =>
        new(new DicomTag(0x6000_0050), DicomVr.SS, (byte[])[(byte)row, (byte)(row >> 8), (byte)column, (byte)(column >> 8)]);

    private static DicomDataSet Plane(int rows, int columns, int[] bits)
    {
        var plane = new byte[4];
        foreach (var bit in bits)
        {
            plane[bit / 8] |= (byte)(1 << (bit % 8));
        }
        return new DicomDataSet()
            .Set(new DicomTag(0x6000_0010), (ushort)rows).Set(new DicomTag(0x6000_0011), (ushort)columns).Set(new DicomTag(0x6000_0040), DicomVr.CS, "G ")
            .Set(new DicomElement(new DicomTag(0x6000_3000), DicomVr.OW, plane));
    }

    // Rows of what is white.
    private static string Seen(DicomDataSet data, int frame, byte[]? native = null, RenderOptions? options = null)
    {
        var picture = FrameRenderer.Render(Pixels, native ?? new byte[32], data, frame, (options ?? RenderOptions.Default) with { Window = new VoiWindow(2000, 4000, VoiFunction.Linear) });
        return string.Join(' ', Enumerable.Range(0, 4).Select(row => string.Concat(picture.Row(row).ToArray().Select(static sample => sample == 255 ? '#' : '.'))));
    }
}
