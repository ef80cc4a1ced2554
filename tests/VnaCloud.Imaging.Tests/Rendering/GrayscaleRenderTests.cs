using System.Runtime.InteropServices;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Windows, tables and inversion: the numbers are computed from the formulas of PS3.3 C.11.2 by hand.</summary>
public sealed class GrayscaleRenderTests
{
    [Fact]
    public void Window_Linear_IsTheFormulaOfC_11_2_1_2_1()
    {
        // x <= 9.5 - 2: 0; x > 9.5 + 2: 255; else ((x - 9.5) / 4 + 0.5) * 255 = 31.875, 95.625, 159.375, 223.125.
        Assert.Equal([0, 0, 32, 96, 159, 223, 255, 255], SmallImage.Words(0, 7, 8, 9, 10, 11, 12, 65535).WithWindow(10, 5).Samples());
    }

    [Fact]
    public void Window_LinearOfWidth1_IsAThreshold()
    {
        Assert.Equal([0, 255], SmallImage.Words(9, 10).WithWindow(10, 1).Samples());
    }

    [Fact]
    public void Window_LinearExact_IsTheFormulaOfC_11_2_1_3_2()
    {
        // ((x - 10) / 4 + 0.5) * 255 = 0, 63.75, 127.5, 191.25, 255.
        Assert.Equal([0, 0, 64, 128, 191, 255, 255], SmallImage.Words(7, 8, 9, 10, 11, 12, 13).WithWindow(10, 4, "LINEAR_EXACT").Samples());
    }

    [Fact]
    public void Window_Sigmoid_IsTheFormulaOfC_11_2_1_3_1()
    {
        // 255 / (1 + exp(-4 (x - 10) / 4)) = 0.01, 30.40, 127.5, 186.42, 224.60.
        Assert.Equal([0, 30, 128, 186, 225], SmallImage.Words(0, 8, 10, 11, 12).WithWindow(10, 4, "SIGMOID").Samples());
    }

    [Fact]
    public void Window_Requested_GoesBeforeThoseOfTheInstance()
    {
        var image = SmallImage.Words(9, 10, 11).WithWindow(1000, 4)
            .With(DicomTags.SharedFunctionalGroupsSequence, SmallImage.Group(DicomTags.FrameVOILUTSequence, SmallImage.Window(500, 4)));
        Assert.Equal([64, 128, 191], image.Samples(new RenderOptions { Window = new VoiWindow(10, 4, VoiFunction.LinearExact) }));
    }

    [Fact]
    public void Window_OfAFunctionalGroup_IsTheFramesThenTheSharedThenTheDataSets()
    {
        var image = SmallImage.Words(10).WithWindow(12, 4, "LINEAR_EXACT");
        Assert.Equal([0], image.Samples());
        image.With(DicomTags.SharedFunctionalGroupsSequence, SmallImage.Group(DicomTags.FrameVOILUTSequence, SmallImage.Window(11, 4, "LINEAR_EXACT")));
        Assert.Equal([64], image.Samples());
        image.With(DicomTags.PerFrameFunctionalGroupsSequence, new DicomDataSet(),
            SmallImage.Group(DicomTags.FrameVOILUTSequence, SmallImage.Window(9, 4, "LINEAR_EXACT")));
        Assert.Equal([64], image.Samples(number: 0));
        Assert.Equal([191], image.Samples(number: 1));
    }

    [Fact]
    public void Rescale_BeforeTheWindow_IsSlopeTimesValuePlusIntercept()
    {
        // 2 * 55 - 100 = 10.
        var image = SmallImage.Words(54, 55).With(DicomTags.RescaleSlope, "2").With(DicomTags.RescaleIntercept, "-100").WithWindow(10, 5);
        Assert.Equal([32, 159], image.Samples());
    }

    [Fact]
    public void Rescale_OfAFunctionalGroup_GoesBeforeTheDataSets()
    {
        var rescale = new DicomDataSet().Set(DicomTags.RescaleSlope, DicomVr.DS, "0.5").Set(DicomTags.RescaleIntercept, DicomVr.DS, "1");
        var image = SmallImage.Words(18).With(DicomTags.RescaleSlope, "100").WithWindow(10, 5)
            .With(DicomTags.PerFrameFunctionalGroupsSequence, SmallImage.Group(DicomTags.PixelValueTransformationSequence, rescale));
        Assert.Equal([159], image.Samples());
    }

    [Fact]
    public void ModalityLut_ValuesOutsideOfIt_TakeItsFirstAndLastEntry()
    {
        var image = SmallImage.Words(0, 10, 11, 12, 60000).WithWindow(100, 200, "LINEAR_EXACT")
            .With(DicomTags.ModalityLUTSequence, SmallImage.Table(3, 10, 16, SmallImage.Bytes(0, 100, 200)));
        Assert.Equal([0, 0, 128, 255, 255], image.Samples());
    }

    [Fact]
    public void ModalityLut_OfSignedValues_MayBeginBelowZero()
    {
        var image = SmallImage.SignedWords(-3, -2, -1, 0).WithWindow(100, 200, "LINEAR_EXACT")
            .With(DicomTags.ModalityLUTSequence, SmallImage.Table(2, 0xFFFE, 16, SmallImage.Bytes(0, 200)));
        Assert.Equal([0, 0, 255, 255], image.Samples());
    }

    [Fact]
    public void VoiLut_OfTwelveBits_SpansBlackToWhite()
    {
        var image = SmallImage.Words(0, 1, 2, 3).With(DicomTags.VOILUTSequence, SmallImage.Table(4, 0, 12, SmallImage.Bytes(0, 1365, 2730, 4095)));
        Assert.Equal([0, 85, 170, 255], image.Samples());
    }

    [Fact]
    public void VoiLut_OfEightBits_MayLieInBytesOrInWords()
    {
        Assert.Equal([0, 7, 255, 255], SmallImage.Words(0, 1, 2, 3).With(DicomTags.VOILUTSequence, SmallImage.Table(3, 0, 8, [0, 7, 255, 0])).Samples());
        Assert.Equal([0, 7, 255, 255], SmallImage.Words(0, 1, 2, 3).With(DicomTags.VOILUTSequence, SmallImage.Table(3, 0, 8, SmallImage.Bytes(0, 7, 255))).Samples());
    }

    [Fact]
    public void VoiLut_BesideAWindow_IsNotTaken()
    {
        var image = SmallImage.Words(9, 10).WithWindow(10, 4, "LINEAR_EXACT").With(DicomTags.VOILUTSequence, SmallImage.Table(1, 0, 16, SmallImage.Bytes(9)));
        Assert.Equal([64, 128], image.Samples());
    }

    [Fact]
    public void NoWindow_LeastToGreatest_IsBlackToWhite()
    {
        Assert.Equal([0, 51, 255], SmallImage.SignedWords(-100, 0, 400).Samples());
        Assert.Equal([0, 0], SmallImage.Words(7, 7).Samples());
    }

    [Fact]
    public void NoWindow_PixelPadding_IsNotCounted()
    {
        // A writer that says US 63536 means -2000 all the same.
        Assert.Equal([0, 0, 51, 255], SmallImage.SignedWords(-2000, -100, 0, 400).With(DicomTags.PixelPaddingValue, 63536).Samples());
        Assert.Equal([255, 0, 51, 255], SmallImage.Words(65000, 0, 20, 100).With(DicomTags.PixelPaddingValue, 65535)
            .With(DicomTags.PixelPaddingRangeLimit, 60000).Samples());
    }

    [Fact]
    public void NoWindow_OneValueBesidePadding_ShowsAgainstIt()
    {
        Assert.Equal([0, 255], SmallImage.Words(0, 5).With(DicomTags.PixelPaddingValue, (ushort)0).Samples());
    }

    [Theory]
    [InlineData("MONOCHROME2", "", false)]
    [InlineData("MONOCHROME1", "", true)]
    [InlineData("MONOCHROME2", "INVERSE", true)]
    [InlineData("MONOCHROME1", "INVERSE", true)]
    [InlineData("MONOCHROME2", "IDENTITY", false)]
    [InlineData("MONOCHROME1", "IDENTITY", false)]
    public void Inversion_ByPhotometricOrShape_IsNeverDoneTwice(string photometric, string shape, bool inverted)
    {
        var image = new SmallImage(SmallImage.Row(2, 8, photometric), [9, 10]).WithWindow(10, 4, "LINEAR_EXACT");
        if (shape.Length > 0)
        {
            image.With(DicomTags.PresentationLUTShape, shape);
        }
        Assert.Equal(inverted ? [255 - 64, 255 - 128] : [64, 128], image.Samples());
    }

    [Fact]
    public void StoredBits_BelowAllocated_LeaveOutWhatLiesAbove()
    {
        // 12 bits, two's complement: FFF is -1, whatever an overlay has in the four bits above it.
        var pixels = SmallImage.Row(3) with { BitsStored = 12, HighBit = 11, IsSigned = true };
        var image = new SmallImage(pixels, SmallImage.Bytes(0x0FFF, 0xFFFF, 0xF001)).WithWindow(0, 4, "LINEAR_EXACT");
        Assert.Equal([64, 64, 191], image.Samples());
    }

    [Fact]
    public void StoredBits_UpToTheHighestBit_LeaveOutWhatLiesBelow()
    {
        var pixels = SmallImage.Row(2) with { BitsStored = 12, HighBit = 15 };
        Assert.Equal([64, 128], new SmallImage(pixels, SmallImage.Bytes(0x009F, 0x00A0)).WithWindow(10, 4, "LINEAR_EXACT").Samples());
    }

    [Fact]
    public void OneBit_LeastSignificantFirst_IsBlackAndWhite()
    {
        Assert.Equal([255, 0, 255, 0], new SmallImage(SmallImage.Row(4, 1), [0b0000_0101]).Samples());
        Assert.Equal([255, 255], new SmallImage(SmallImage.Row(2, 1), [0b0000_0011]).Samples());
    }

    [Fact]
    public void ThirtyTwoBits_SignedAndUnsigned_AreNotCut()
    {
        var frame = MemoryMarshal.AsBytes<uint>([0, 1_000_000, 0xFFFF_FFFF]).ToArray();
        Assert.Equal([0, 0, 255], new SmallImage(SmallImage.Row(3, 32), frame).Samples());
        Assert.Equal([0, 255, 0], new SmallImage(SmallImage.Row(3, 32) with { IsSigned = true }, frame).Samples());
    }

    [Fact]
    public void FloatPixelData_SaidByDataSetOrCaller_IsRealNumbers()
    {
        var frame = MemoryMarshal.AsBytes<float>([-1f, 0f, float.NaN, 1f]).ToArray();
        var said = new SmallImage(SmallImage.Row(4, 32), frame);
        Assert.Equal([0, 128, 0, 255], said.Samples(new RenderOptions { Samples = SampleKind.Float }));
        said.DataSet.Set(DicomElement.Located(DicomTags.FloatPixelData, DicomVr.OF, 0, frame.Length, false));
        Assert.Equal([0, 128, 0, 255], said.Samples());
        said.WithWindow(0.5, 1);
        Assert.Equal([0, 0, 0, 255], said.Samples());
    }

    [Fact]
    public void DoubleFloatPixelData_OfTheDataSet_IsRealNumbers()
    {
        var frame = MemoryMarshal.AsBytes<double>([-1, 0, double.PositiveInfinity, 1]).ToArray();
        var image = new SmallImage(SmallImage.Row(4, 64), frame);
        image.DataSet.Set(DicomElement.Located(DicomTags.DoubleFloatPixelData, DicomVr.OD, 0, frame.Length, false));
        Assert.Equal([0, 128, 255, 255], image.Samples());
    }

    [Fact]
    public void Frame_TooShort_IsAnImageException()
    {
        var error = Assert.Throws<ImageException>(() => new SmallImage(SmallImage.Row(3), new byte[5]).Render());
        Assert.Equal("The frame has 5 bytes of 6.", error.Message);
    }
}
