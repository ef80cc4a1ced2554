using System.IO.Compression;

namespace VnaCloud.Dicom.Tests;

public class DicomReaderTests
{
    private const string Explicit = "1.2.840.10008.1.2.1";
    private const string Implicit = "1.2.840.10008.1.2";
    private const string Big = "1.2.840.10008.1.2.2";
    private const string Deflated = "1.2.840.10008.1.2.1.99";
    private const string Rle = "1.2.840.10008.1.2.5";

    [Theory]
    [InlineData(Explicit, false, false)]
    [InlineData(Implicit, false, true)]
    [InlineData(Big, true, false)]
    public async Task ReadAsync_EachEncoding_FindsTagsVrsAndValues(string uid, bool bigEndian, bool implicitVr)
    {
        var built = new Built(bigEndian, implicitVr).Element(0x0010_0010, "PN", "Doe^Jane").UInt16(0x0028_0010, 512)
            .Header(0x0040_A730, "SQ", Built.Undefined).Item().Element(0x0008_0100, "SH", "T-1 ").EndItem().EndSequence();
        var reader = await ReadAsync(built.File(uid));
        Assert.Equal(uid, reader.TransferSyntax.Uid);
        Assert.Equal("Doe^Jane", reader.DataSet.String(DicomTags.PatientName));
        Assert.Equal((512, DicomVr.US), (reader.DataSet.Integer(DicomTags.Rows), reader.DataSet[DicomTags.Rows]!.Vr));
        Assert.Equal("T-1", Assert.Single(reader.DataSet[DicomTags.ContentSequence]!.Items!).String(DicomTags.CodeValue));
        Assert.Equal(DicomReadWarnings.None, reader.Warnings);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(false, 8)]
    [InlineData(true, 0)]
    public async Task ReadAsync_Deflated_InflatesAndAllowsAShortTrailer(bool zlib, int trailer)
    {
        byte[] bytes = [.. Built.Preamble(), .. Built.Meta(Deflated), .. Deflate(new Built().Element(0x0010_0020, "LO", "ID-1").ToArray(), zlib), .. new byte[trailer]];
        var reader = await ReadAsync(bytes);
        Assert.Equal("ID-1", reader.DataSet.String(DicomTags.PatientID));
        Assert.Equal(zlib ? DicomReadWarnings.ZlibWrapper : DicomReadWarnings.None, reader.Warnings);
    }

    [Fact]
    public async Task ReadAsync_GarbageAfterDeflate_IsMalformed()
    {
        byte[] bytes = [.. Built.Preamble(), .. Built.Meta(Deflated), .. Deflate(new Built().Element(0x0010_0020, "LO", "ID-1").ToArray(), false), .. new byte[64]];
        await FaultAsync(bytes, DicomFault.Malformed);
    }

    [Fact]
    public async Task ReadAsync_DeflateWithoutLastBlock_IsTruncated()
    {
        var whole = Deflate(new Built().Element(0x0010_0020, "LO", "ID-1").ToArray(), false);
        byte[] bytes = [.. Built.Preamble(), .. Built.Meta(Deflated), .. whole[..^1]];
        await FaultAsync(bytes, DicomFault.Truncated);
    }

    [Fact]
    public async Task ReadAsync_UnknownOfUndefinedLength_IsASequenceInImplicitVr()
    {
        var inner = new Built(implicitVr: true).Item().Element(0x0008_0100, "", "A ").EndItem().EndSequence().ToArray();
        var reader = await ReadAsync(new Built().Element(0x0009_0010, "LO", "ACME").Header(0x0009_1001, "UN", Built.Undefined).Raw(inner).File(Explicit));
        var element = reader.DataSet[new DicomTag(0x0009_1001)]!;
        Assert.Equal(DicomVr.SQ, element.Vr);
        Assert.Equal("A", element.Items![0].String(DicomTags.CodeValue));
    }

    [Fact]
    public async Task ReadAsync_PrivateElementsInImplicitVr_TakeTheirCreatorsVr()
    {
        var reader = await ReadAsync(new Built(implicitVr: true).Element(0x0009_0010, "", "GEMS_IDEN_01").Element(0x0009_1001, "", "NAME")
            .Element(0x0011_1001, "", "NONE").File(Implicit));
        Assert.Equal(DicomVr.LO, reader.DataSet[new DicomTag(0x0009_1001)]!.Vr);
        Assert.Equal("GEMS_IDEN_01", reader.DataSet.PrivateCreatorOf(new DicomTag(0x0009_1001)));
        Assert.Equal(DicomVr.UN, reader.DataSet[new DicomTag(0x0011_1001)]!.Vr);
    }

    [Theory]
    [InlineData(0, DicomVr.US)]
    [InlineData(1, DicomVr.SS)]
    public async Task ReadAsync_UsOrSsInImplicitVr_FollowsPixelRepresentation(ushort representation, DicomVr vr)
    {
        var reader = await ReadAsync(new Built(implicitVr: true).UInt16(0x0028_0103, representation).UInt16(0x0028_0106, 0xFFFF).File(Implicit));
        Assert.Equal(vr, reader.DataSet[DicomTags.SmallestImagePixelValue]!.Vr);
    }

    [Fact]
    public async Task ReadAsync_OddLengthsGroupLengthsAndStrayDelimiters_AreGotOver()
    {
        var reader = await ReadAsync(new Built().Element(0x0008_0000, "UL", [4, 0, 0, 0]).EndItem().Element(0x0010_0020, "LO", "ID-12")
            .EndSequence().Element(0x0010_0030, "DA", "20200101").File(Explicit));
        Assert.Equal("ID-12", reader.DataSet.String(DicomTags.PatientID));
        Assert.Equal("20200101", reader.DataSet.String(DicomTags.PatientBirthDate));
        Assert.Equal(DicomReadWarnings.OddLength | DicomReadWarnings.StrayDelimiter, reader.Warnings);
    }

    [Fact]
    public async Task ReadAsync_RepeatedElement_TheFirstCounts()
    {
        var reader = await ReadAsync(new Built().Element(0x0010_0020, "LO", "FIRST ").Element(0x0010_0020, "LO", "SECOND").File(Explicit));
        Assert.Equal("FIRST", reader.DataSet.String(DicomTags.PatientID));
        Assert.Equal(DicomReadWarnings.RepeatedElement, reader.Warnings);
    }

    [Fact]
    public async Task ReadAsync_RepeatedStudyUid_IsRefusedUnlessItIsTheSame()
    {
        var same = new Built().Element(0x0020_000D, "UI", "1.22").Element(0x0020_000D, "UI", "1.22");
        Assert.Equal("1.22", (await ReadAsync(same.File(Explicit))).DataSet.String(DicomTags.StudyInstanceUID));
        var other = new Built().Element(0x0020_000D, "UI", "1.22").Element(0x0020_000D, "UI", "1.33");
        await FaultAsync(other.File(Explicit), DicomFault.Malformed, 0x0020_000D);
    }

    [Fact]
    public async Task ReadAsync_ElementsOutOfOrder_AreSortedWithAWarning()
    {
        var reader = await ReadAsync(new Built().Element(0x0010_0020, "LO", "ID").Element(0x0008_0060, "CS", "CT").File(Explicit));
        Assert.Equal([DicomTags.Modality, DicomTags.PatientID], reader.DataSet.Select(element => element.Tag));
        Assert.Equal(DicomReadWarnings.OutOfOrder, reader.Warnings);
    }

    [Fact]
    public async Task ReadAsync_EncapsulatedPixelData_KeepsTableAndFragments()
    {
        var reader = await ReadAsync(new Built().Header(0x7FE0_0010, "OB", Built.Undefined).Item(8).Raw([0, 0, 0, 0, 12, 0, 0, 0])
            .Item(4).Raw([1, 2, 3, 4]).Item(2).Raw([5, 6]).EndSequence().File(Rle), new DicomReadOptions { KeepPixelData = 100 });
        var pixels = reader.DataSet[DicomTags.PixelData]!.Fragments!;
        Assert.Equal([0u, 12u], pixels.BasicOffsetTable);
        Assert.Equal([4u, 2u], pixels.Fragments.Select(fragment => fragment.Length));
        Assert.Equal([1, 2, 3, 4], pixels.Values![0].ToArray());
        Assert.Equal(0x01020304u, pixels.Fragments[0].Head);
    }

    [Fact]
    public async Task ReadAsync_NoPreambleOrNoMeta_IsToldByAWarning()
    {
        var built = new Built().Element(0x0008_0018, "UI", "1.2.3.44").Element(0x0010_0010, "PN", new string('x', 150));
        var bare = await ReadAsync(built.ToArray());
        Assert.Equal(DicomReadWarnings.MissingPreamble | DicomReadWarnings.MissingFileMeta, bare.Warnings);
        var meta = await ReadAsync([.. Built.Meta(Explicit), .. built.ToArray()]);
        Assert.Equal(DicomReadWarnings.MissingPreamble, meta.Warnings);
        Assert.Equal("1.2.3.44", bare.DataSet.String(DicomTags.SOPInstanceUID));
        Assert.Equal("1.2.3.44", meta.DataSet.String(DicomTags.SOPInstanceUID));
    }

    [Fact]
    public async Task ReadDataSetAsync_StopsBeforeATag_AndGoesOnFromThere()
    {
        var bytes = new Built().Element(0x0008_0060, "CS", "CT").Element(0x0020_000D, "UI", "1.22").Element(0x0028_0008, "IS", "1 ").File(Explicit);
        await using var reader = new DicomReader(new TrickleSource(bytes, 3));
        await reader.ReadFileMetaAsync(default);
        Assert.True(await reader.ReadDataSetAsync(DicomTags.StudyInstanceUID, default));
        Assert.Equal([DicomTags.Modality], reader.DataSet.Select(element => element.Tag));
        Assert.False(await reader.ReadDataSetAsync(null, default));
        Assert.Equal(3, reader.DataSet.Count);
    }

    private static async Task<DicomReader> ReadAsync(byte[] bytes, DicomReadOptions? options = null) => await DicomReader.ReadAsync(new MemorySource(bytes), options);

    private static async Task FaultAsync(byte[] bytes, DicomFault fault, uint? tag = null)
    {
        var error = await Assert.ThrowsAsync<DicomFormatException>(async () => await ReadAsync(bytes));
        Assert.Equal((fault, tag is { } value ? new DicomTag(value) : null), (error.Fault, error.Tag));
    }

    private static byte[] Deflate(byte[] bytes, bool zlib)
    {
        using var output = new MemoryStream();
        using (Stream deflate = zlib ? new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true) : new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(bytes);
        }
        return output.ToArray();
    }
}
