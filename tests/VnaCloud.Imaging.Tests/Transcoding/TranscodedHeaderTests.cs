using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Transcoding;

/// <summary>What changes in a data set with the encoding of its pixels, and what does not.</summary>
public sealed class TranscodedHeaderTests
{
    private static readonly ImagePixels Rgb = new() { Rows = 2, Columns = 2, Samples = 3, BitsAllocated = 8, BitsStored = 8, HighBit = 7, Photometric = "RGB" };

    [Fact]
    public void Lossy_IsSaidWhereItWasNot()
    {
        var header = Of(new DicomDataSet(), "1.2.840.10008.1.2.4.50").Before;
        Assert.Equal("01", header.String(DicomTags.LossyImageCompression));
        Assert.Equal("12.5", header.String(DicomTags.LossyImageCompressionRatio));
        Assert.Equal("ISO_10918_1", header.String(DicomTags.LossyImageCompressionMethod));
    }

    [Fact]
    public void Lossy_ThatIsSaidAlready_Stays()
    {
        var said = new DicomDataSet().Set(DicomTags.LossyImageCompression, DicomVr.CS, "01").Set(DicomTags.LossyImageCompressionRatio, DicomVr.DS, "7");
        var header = Of(said, "1.2.840.10008.1.2.4.91").Before;
        Assert.Equal("7", header.String(DicomTags.LossyImageCompressionRatio));
        Assert.Null(header[DicomTags.LossyImageCompressionMethod]);
    }

    [Fact]
    public void Lossless_SaysNothingOfLoss() => Assert.Null(Of(new DicomDataSet(), "1.2.840.10008.1.2.4.90").Before[DicomTags.LossyImageCompression]);

    [Fact]
    public void Colours_AreDescribedAnew()
    {
        var stored = new DicomDataSet().Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "YBR_FULL_422").Set(DicomTags.PlanarConfiguration, 1);
        var header = Of(stored, "1.2.840.10008.1.2.4.50").Before;
        Assert.Equal("RGB", header.String(DicomTags.PhotometricInterpretation));
        Assert.Equal(0, header.Integer(DicomTags.PlanarConfiguration));
        Assert.Null(TranscodedHeader.Of(stored, TransferSyntax.ExplicitVrLittleEndian, Rgb with { Samples = 1, Photometric = "MONOCHROME2" }, 1).Before[DicomTags.PlanarConfiguration]);
    }

    [Fact]
    public void Elements_AroundThePixelData_KeepTheirSide()
    {
        var behind = new DicomTag(0x7FE1_0010);
        var stored = new DicomDataSet().Set(DicomTags.PatientID, DicomVr.LO, "1").Set(behind, DicomVr.LO, "CREATOR")
            .Set(new DicomElement(new DicomTag(0x7FE0_0001), DicomVr.OV, new byte[8])).Set(new DicomElement(new DicomTag(0x7FE0_0002), DicomVr.OV, new byte[8]))
            .Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new byte[12]));
        var header = Of(stored, "1.2.840.10008.1.2.4.90");
        Assert.Equal([DicomTags.PatientID, DicomTags.PlanarConfiguration, DicomTags.PhotometricInterpretation], header.Before.Select(element => element.Tag).OrderBy(tag => tag.Value == 0x0010_0020 ? 0 : tag.Value == DicomTags.PlanarConfiguration.Value ? 1 : 2));
        Assert.Equal(behind, Assert.Single(header.After).Tag);
    }

    [Fact]
    public void Icon_InTheOldEncoding_IsLeftOut()
    {
        var item = new DicomDataSet().Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new EncapsulatedPixelData()));
        var stored = new DicomDataSet().Set(new DicomElement(DicomTags.IconImageSequence, [item]));
        Assert.Null(Of(stored, "1.2.840.10008.1.2.4.90").Before[DicomTags.IconImageSequence]);
        var native = new DicomDataSet().Set(new DicomElement(DicomTags.IconImageSequence, [new DicomDataSet().Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new byte[2]))]));
        Assert.NotNull(Of(native, "1.2.840.10008.1.2.4.90").Before[DicomTags.IconImageSequence]);
    }

    [Fact]
    public void Bits_OfFramesThatEndInAByte_AreJoinedWithoutGaps()
    {
        // Three frames of five bits: 10110 01101 11111, the first pixel the lowest bit.
        var joiner = new BitJoiner(5);
        byte[] joined = [.. joiner.Add([0b01101]).Span, .. joiner.Add([0b10110]).Span, .. joiner.Add([0b11111]).Span, .. joiner.Rest.Span];
        Assert.Equal([0b110_01101, 0b0_11111_10], joined);
        Assert.True(new BitJoiner(8).Rest.IsEmpty);
    }

    private static TranscodedHeader Of(DicomDataSet dataSet, string stored) => TranscodedHeader.Of(dataSet, TransferSyntax.Get(stored), Rgb, 12.5);
}
