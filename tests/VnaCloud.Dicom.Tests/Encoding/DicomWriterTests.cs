namespace VnaCloud.Dicom.Tests;

public class DicomWriterTests
{
    private static readonly DicomTag Private = new(0x0009_1001);

    [Fact]
    public void EncodeDataSet_OddValues_ArePaddedAsTheirVrSays()
    {
        var dataSet = new DicomDataSet()
            .Set(new DicomElement(DicomTags.PatientID, DicomVr.LO, "ABC"u8.ToArray()))
            .Set(new DicomElement(DicomTags.StudyInstanceUID, DicomVr.UI, "1.2"u8.ToArray()));
        Assert.Equal(new Built().Element(0x0010_0020, "LO", "ABC ").Element(0x0020_000D, "UI", "1.2\0").ToArray(), Encode(dataSet, TransferSyntax.ExplicitVrLittleEndian));
    }

    [Fact]
    public void EncodeDataSet_GroupLengthsAndDelimiters_AreLeftOut()
    {
        var dataSet = new DicomDataSet().Set(new DicomElement(new DicomTag(0x0008_0000), DicomVr.UL, new byte[4]))
            .Set(new DicomElement(new DicomTag(0xFFFE_E00D), DicomVr.UN, default(ReadOnlyMemory<byte>))).Set(DicomTags.Modality, DicomVr.CS, "CT");
        Assert.Equal(new Built().Element(0x0008_0060, "CS", "CT").ToArray(), Encode(dataSet, TransferSyntax.ExplicitVrLittleEndian));
    }

    [Fact]
    public void EncodeDataSet_ValueTooLongForItsVr_BecomesUnknown()
    {
        var value = new byte[70_000];
        var bytes = Encode(new DicomDataSet().Set(new DicomElement(DicomTags.PatientComments, DicomVr.LT, value)), TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal(new Built().Element(0x0010_4000, "UN", value).ToArray(), bytes);
    }

    [Fact]
    public void EncodeDataSet_Sequences_HaveTheLengthsAskedFor()
    {
        var dataSet = new DicomDataSet();
        var item = new DicomDataSet { Parent = dataSet }.Set(DicomTags.CodeValue, DicomVr.SH, "AB");
        dataSet.Set(new DicomElement(DicomTags.ContentSequence, [item]));
        var undefined = new Built(implicitVr: true).Header(0x0040_A730, "SQ", Built.Undefined).Item().Element(0x0008_0100, "SH", "AB").EndItem().EndSequence();
        var defined = new Built(implicitVr: true).Header(0x0040_A730, "SQ", 18).Item(10).Element(0x0008_0100, "SH", "AB");
        Assert.Equal(undefined.ToArray(), Encode(dataSet, TransferSyntax.ImplicitVrLittleEndian));
        Assert.Equal(defined.ToArray(), Encode(dataSet, TransferSyntax.ImplicitVrLittleEndian, SequenceLengths.Defined));
    }

    [Fact]
    public async Task EncodeDataSet_LocatedValues_AreRangesOfTheSource()
    {
        var file = new Built(bigEndian: true).UInt16(0x0028_0100, 16).Element(0x7FE0_0010, "OW", new byte[100]).File("1.2.840.10008.1.2.2");
        var reader = await DicomReader.ReadAsync(new MemorySource(file));
        var pieces = DicomWriter.EncodeDataSet(reader.DataSet, TransferSyntax.ExplicitVrLittleEndian);
        var range = Assert.Single(pieces, piece => piece.SourceLength > 0);
        Assert.Equal((file.Length - 100L, 100L, 2), (range.SourceOffset, range.SourceLength, range.SwapUnit));
        Assert.Throws<InvalidOperationException>(() => DicomWriter.ToArray(reader.FileMeta, reader.DataSet, TransferSyntax.ExplicitVrLittleEndian));
    }

    [Fact]
    public void EncodeDataSet_UnknownVr_KeepsItsBytesInEveryByteOrder()
    {
        var dataSet = new DicomDataSet().Set(new DicomElement(Private, DicomVr.UN, new byte[] { 1, 2, 3, 4 }));
        Assert.Equal([1, 2, 3, 4], Encode(dataSet, TransferSyntax.ExplicitVrBigEndian)[^4..]);
    }

    [Fact]
    public async Task ToArray_FileMeta_SaysItsLengthAndTransferSyntax()
    {
        var meta = new DicomDataSet().Set(DicomTags.SourceApplicationEntityTitle, DicomVr.AE, "SCANNER").Set(DicomTags.TransferSyntaxUID, DicomVr.UI, "1.2.840.10008.1.2");
        var reader = await DicomReader.ReadAsync(new MemorySource(DicomWriter.ToArray(meta, new DicomDataSet(), TransferSyntax.ExplicitVrBigEndian)));
        Assert.Equal(DicomReadWarnings.None, reader.Warnings);
        Assert.Equal(TransferSyntax.ExplicitVrBigEndian, reader.TransferSyntax);
        Assert.Equal("SCANNER", reader.FileMeta.String(DicomTags.SourceApplicationEntityTitle));
    }

    private static byte[] Encode(DicomDataSet dataSet, TransferSyntax syntax, SequenceLengths lengths = SequenceLengths.Undefined) =>
        [.. DicomWriter.EncodeDataSet(dataSet, syntax, lengths).SelectMany(piece => piece.Bytes.ToArray())];
}
