namespace VnaCloud.Dicom.Tests.Pixels;

public class FrameLocatorTests
{
    private const string Rle = "1.2.840.10008.1.2.5";
    private static readonly byte[] Start = [0xFF, 0xD8, 0xFF, 0xE0];

    [Theory]
    [InlineData(8, 1, 10, 6, 60, FrameLayout.Native)]
    [InlineData(16, 1, 10, 6, 120, FrameLayout.Native)]
    [InlineData(32, 1, 10, 6, 240, FrameLayout.Native)]
    [InlineData(64, 1, 10, 6, 480, FrameLayout.Native)]
    [InlineData(8, 3, 10, 6, 180, FrameLayout.Native)]
    [InlineData(1, 1, 8, 6, 6, FrameLayout.Native)]
    [InlineData(1, 1, 5, 5, 25, FrameLayout.NativeBits)]
    public async Task Locate_NativeFrames_HaveTheLengthOfTheirPixels(ushort bits, ushort samples, ushort rows, ushort columns, long length, FrameLayout layout)
    {
        var bytes = layout == FrameLayout.NativeBits ? (length * 3 + 7) / 8 : length * 3;
        var frames = await NativeAsync(bits, samples, rows, columns, "3 ", bytes + bytes % 2);
        Assert.Equal((layout, 3, length, true), (frames.Layout, frames.Count, frames.FrameLength, frames.IsConsistent));
    }

    [Fact]
    public async Task Locate_FewerBytesThanFrames_CountsWholeFramesOnly()
    {
        var frames = await NativeAsync(8, 1, 10, 10, "5 ", 250);
        Assert.Equal((2, false), (frames.Count, frames.IsConsistent));
    }

    [Theory]
    [InlineData("0 ")]
    [InlineData("-5")]
    [InlineData("x ")]
    [InlineData("99999999999 ")]
    public async Task Locate_FramesThatAreNoNumber_AreUnknown(string count) =>
        Assert.Equal(FrameLayout.Unknown, (await NativeAsync(8, 1, 10, 10, count, 100)).Layout);

    [Theory]
    [InlineData(0u, 20u, new int[0])]
    [InlineData(0u, 12u, new[] { 1, 2 })]
    [InlineData(0u, 24u, new[] { 2, 1 })]
    [InlineData(12u, 24u, new int[0])]
    [InlineData(24u, 0u, new int[0])]
    [InlineData(0u, 18u, new int[0])]
    [InlineData(0u, 400u, new int[0])]
    public async Task Locate_BasicOffsetTable_IsBelievedWhereFragmentsBeginThere(uint first, uint second, int[] fragments)
    {
        // Fragments begin at 0, 12 and 24; none of them shows the start of a codestream.
        var frames = await EncapsulatedAsync([.. BitConverter.GetBytes(first), .. BitConverter.GetBytes(second)], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]);
        Assert.Equal(fragments, frames.Ranges.Select(range => range.Fragments));
        Assert.Equal(fragments.Length == 0 ? FrameLayout.Unknown : FrameLayout.Encapsulated, frames.Layout);
    }

    [Fact]
    public async Task Locate_NoTable_TellsFramesByTheirCodestreams()
    {
        var frames = await EncapsulatedAsync([], Start, [5, 6, 7, 8], Start);
        Assert.Equal([2, 1], frames.Ranges.Select(range => range.Fragments));
    }

    [Fact]
    public async Task Locate_WrongTableOfOneFragmentAFrame_FallsBackToTheFragments()
    {
        var frames = await EncapsulatedAsync([.. BitConverter.GetBytes(0u), .. BitConverter.GetBytes(999u)], [1, 2, 3, 4], [5, 6, 7, 8]);
        Assert.Equal([1, 1], frames.Ranges.Select(range => range.Fragments));
        Assert.Equal([12L, 12L], frames.Ranges.Select(range => range.Length));
    }

    [Fact]
    public async Task Locate_ExtendedOffsetTable_GoesBeforeTheBasicOne()
    {
        var built = Image("2 ").Element(0x7FE0_0001, "OV", [.. BitConverter.GetBytes(0UL), .. BitConverter.GetBytes(24UL)])
            .Header(0x7FE0_0010, "OB", Built.Undefined).Item(0).Item(4).Raw([1, 2, 3, 4]).Item(4).Raw([5, 6, 7, 8]).Item(4).Raw([9, 10, 11, 12]).EndSequence();
        Assert.Equal([2, 1], (await LocateAsync(built, Rle)).Ranges.Select(range => range.Fragments));
    }

    private static Built Image(string frames) => new Built().UInt16(0x0028_0002, 1).Element(0x0028_0008, "IS", frames).UInt16(0x0028_0010, 2)
        .UInt16(0x0028_0011, 2).UInt16(0x0028_0100, 8);

    private static Task<FrameLocations> EncapsulatedAsync(byte[] table, params byte[][] fragments)
    {
        var built = Image("2 ").Header(0x7FE0_0010, "OB", Built.Undefined).Item((uint)table.Length).Raw(table);
        foreach (var fragment in fragments)
        {
            built.Item((uint)fragment.Length).Raw(fragment);
        }
        return LocateAsync(built.EndSequence(), Rle);
    }

    private static Task<FrameLocations> NativeAsync(ushort bits, ushort samples, ushort rows, ushort columns, string frames, long bytes) =>
        LocateAsync(new Built().UInt16(0x0028_0002, samples).Element(0x0028_0008, "IS", frames).UInt16(0x0028_0010, rows).UInt16(0x0028_0011, columns)
            .UInt16(0x0028_0100, bits).Element(0x7FE0_0010, "OW", new byte[bytes]), TransferSyntax.ExplicitVrLittleEndian.Uid);

    private static async Task<FrameLocations> LocateAsync(Built built, string syntax)
    {
        var reader = await DicomReader.ReadAsync(new MemorySource(built.File(syntax)));
        return FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
    }
}
