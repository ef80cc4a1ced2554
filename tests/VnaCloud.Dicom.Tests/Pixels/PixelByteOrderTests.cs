namespace VnaCloud.Dicom.Tests.Pixels;

public class PixelByteOrderTests
{
    [Theory]
    [InlineData(DicomVr.OB, 8, 1)]
    [InlineData(DicomVr.OB, 16, 1)]
    [InlineData(DicomVr.OW, 1, 2)]
    [InlineData(DicomVr.OW, 8, 2)]
    [InlineData(DicomVr.OW, 16, 2)]
    [InlineData(DicomVr.OW, 32, 4)]
    [InlineData(DicomVr.OW, 64, 8)]
    public void SwapUnit_PixelData_FollowsVrAndBitsAllocated(DicomVr vr, ushort bits, int unit)
    {
        var dataSet = new DicomDataSet().Set(DicomTags.BitsAllocated, bits).Set(new DicomElement(DicomTags.PixelData, vr, new byte[8]));
        Assert.Equal(unit, PixelByteOrder.SwapUnit(dataSet));
    }

    [Fact]
    public void SwapUnit_FloatPixelDataOrNone_FollowsTheValue()
    {
        Assert.Equal(4, PixelByteOrder.SwapUnit(new DicomDataSet().Set(new DicomElement(DicomTags.FloatPixelData, DicomVr.OF, new byte[8]))));
        Assert.Equal(8, PixelByteOrder.SwapUnit(new DicomDataSet().Set(new DicomElement(DicomTags.DoubleFloatPixelData, DicomVr.OD, new byte[8]))));
        Assert.Equal(1, PixelByteOrder.SwapUnit(new DicomDataSet()));
    }

    [Theory]
    [InlineData(8, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, new byte[] { 2, 1, 4, 3, 6, 5, 8, 7 })]
    [InlineData(32, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, new byte[] { 4, 3, 2, 1, 8, 7, 6, 5 })]
    public void EncodeDataSet_BigEndianPixelData_TurnsByThatUnit(ushort bits, byte[] little, byte[] big)
    {
        var dataSet = new DicomDataSet().Set(DicomTags.BitsAllocated, bits).Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, little));
        var bytes = DicomWriter.EncodeDataSet(dataSet, TransferSyntax.ExplicitVrBigEndian).SelectMany(piece => piece.Bytes.ToArray()).ToArray();
        Assert.Equal(big, bytes[^8..]);
    }
}
