using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>PALETTE COLOR, whole and segmented (PS3.3 C.7.6.3.1.5 and C.7.9.2).</summary>
public sealed class PaletteRenderTests
{
    [Fact]
    public void Palette_OfSixteenBits_ShowsTheHighBitsFromTheFirstMappedValueOn()
    {
        var image = Image([0, 10, 11, 200]);
        Plain(image, [2, 10, 16], SmallImage.Bytes(0x1111, 0xFFFF), SmallImage.Bytes(0x2222, 0xEEEE), SmallImage.Bytes(0x3333, 0xDDDD));
        Assert.Equal([0x11, 0x22, 0x33, 0x11, 0x22, 0x33, 0xFF, 0xEE, 0xDD, 0xFF, 0xEE, 0xDD], image.Samples());
    }

    [Fact]
    public void Palette_OfEightBits_MayLieInBytesOrInWords()
    {
        var image = Image([0, 1]);
        Plain(image, [2, 0, 8], [1, 2], [3, 4], SmallImage.Bytes(5, 6));
        Assert.Equal([1, 3, 5, 2, 4, 6], image.Samples());
    }

    [Fact]
    public void Palette_OfSignedValues_MayBeginBelowZero()
    {
        var image = new SmallImage(SmallImage.Row(2, 8, "PALETTE COLOR") with { IsSigned = true }, [0xFF, 0x00]);
        Plain(image, [2, 0xFFFF, 8], [1, 2], [3, 4], [5, 6]);
        Assert.Equal([1, 3, 5, 2, 4, 6], image.Samples());
    }

    [Fact]
    public void Palette_Of0Entries_Has65536()
    {
        var table = new int[65536];
        table[65535] = 0xAB00;
        var image = new SmallImage(SmallImage.Row(2, 16, "PALETTE COLOR"), SmallImage.Bytes(0, 65535));
        Plain(image, [0, 0, 16], SmallImage.Bytes(table), SmallImage.Bytes(table), SmallImage.Bytes(table));
        Assert.Equal([0, 0, 0, 0xAB, 0xAB, 0xAB], image.Samples());
    }

    [Fact]
    public void Segments_DiscreteAndLinear_AreExpanded()
    {
        // Two entries, then a line over four more: 0x2000 + i / 4 * 0x8000.
        var segments = SmallImage.Bytes(0, 2, 0x1000, 0x2000, 1, 4, 0xA000);
        Assert.Equal([0x10, 0x20, 0x40, 0x60, 0x80, 0xA0], Expand([6, 0, 16], segments, 6));
    }

    [Fact]
    public void Segments_Indirect_RepeatEarlierOnesFromTheirByteOffset()
    {
        // At byte 6 lies the line; repeated once it goes on from 0x8000 back up to 0x8000: 0 has to be reached first.
        var segments = SmallImage.Bytes(0, 1, 0x0000, 1, 2, 0x8000, 0, 1, 0x0000, 2, 1, 6, 0, 0, 1, 0x7700);
        Assert.Equal([0x00, 0x40, 0x80, 0x00, 0x40, 0x80, 0x77], Expand([7, 0, 16], segments, 7));
    }

    [Fact]
    public void Segments_OfEightBits_HaveFieldsOfOneByte()
    {
        // As PS3.6 Annex B writes the palette "Spring", and the first entry once more at the end.
        Assert.Equal([0, 85, 170, 255, 0], Expand([5, 0, 8], [0, 1, 0, 1, 3, 255, 2, 1, 0, 0, 0, 0], 5));
    }

    [Fact]
    public void Segments_LongerThanTheDescriptorSays_StopThere()
    {
        Assert.Equal([0x00, 0x33], Expand([2, 0, 16], SmallImage.Bytes(0, 1, 0, 1, 5, 0xFFFF), 2));
    }

    [Theory]
    [InlineData(new[] { 1, 4, 0xFFFF }, "line")]
    [InlineData(new[] { 3, 1, 0 }, "type 3")]
    [InlineData(new[] { 0, 1, 0, 2, 1, 6, 0 }, "type 2")]
    [InlineData(new[] { 0, 1, 0, 2, 1, 600, 0 }, "behind")]
    [InlineData(new[] { 0, 1, 0, 2, 1, 0 }, "behind")]
    [InlineData(new[] { 0, 0, 0 }, "no entries")]
    public void Segments_ThatMakeNoSense_AreAnImageException(int[] segments, string message)
    {
        var error = Assert.Throws<ImageException>(() => Expand([9, 0, 16], SmallImage.Bytes(segments), 1));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segments_EmptyAndRepeatedWithoutEnd_AreAnImageException()
    {
        // One entry, 30000 empty segments, and 2000 orders to go through them again.
        var repeat = new[] { 2, 30000, 6, 0 };
        int[] segments = [0, 1, 0, .. new int[2 * 30000], .. Enumerable.Range(0, 2000).SelectMany(_ => repeat)];
        Assert.Contains("65536 segments", Assert.Throws<ImageException>(() => Expand([9, 0, 16], SmallImage.Bytes(segments), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Palette_Missing_IsAnImageException()
    {
        Assert.Contains("(0028,1101)", Assert.Throws<ImageException>(() => Image([0]).Render()).Message, StringComparison.Ordinal);
        var image = Image([0]).With(DicomTags.RedPaletteColorLookupTableDescriptor, 1, 0, 8);
        Assert.Contains("(0028,1201)", Assert.Throws<ImageException>(() => image.Render()).Message, StringComparison.Ordinal);
    }

    private static SmallImage Image(byte[] frame) => new(SmallImage.Row(frame.Length, 8, "PALETTE COLOR"), frame);

    private static void Plain(SmallImage image, ushort[] descriptor, byte[] red, byte[] green, byte[] blue)
    {
        DicomTag[] tags = [DicomTags.RedPaletteColorLookupTableDescriptor, DicomTags.GreenPaletteColorLookupTableDescriptor, DicomTags.BluePaletteColorLookupTableDescriptor];
        DicomTag[] data = [DicomTags.RedPaletteColorLookupTableData, DicomTags.GreenPaletteColorLookupTableData, DicomTags.BluePaletteColorLookupTableData];
        byte[][] tables = [red, green, blue];
        for (var i = 0; i < 3; i++)
        {
            image.With(tags[i], descriptor).DataSet.Set(new DicomElement(data[i], DicomVr.OW, tables[i]));
        }
    }

    // The first entries of the red table.
    private static byte[] Expand(ushort[] descriptor, byte[] segments, int entries)
    {
        var image = Image([.. Enumerable.Range(0, entries).Select(i => (byte)i)]);
        Plain(image, descriptor, [], [], []);
        image.DataSet.Set(new DicomElement(DicomTags.SegmentedRedPaletteColorLookupTableData, DicomVr.OW, segments));
        image.DataSet.Set(new DicomElement(DicomTags.SegmentedGreenPaletteColorLookupTableData, DicomVr.OW, segments));
        image.DataSet.Set(new DicomElement(DicomTags.SegmentedBluePaletteColorLookupTableData, DicomVr.OW, segments));
        return [.. image.Samples().Where((_, i) => i % 3 == 0)];
    }
}
