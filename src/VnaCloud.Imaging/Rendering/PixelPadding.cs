using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>Stored values that stand for no measurement (PS3.3 C.7.5.1.1.2): left out where a frame's range is looked for.</summary>
internal readonly record struct PixelPadding(double Low, double High)
{
    private static readonly PixelPadding None = new(double.NaN, double.NaN);

    /// <summary>The value, or the range from it to the limit, which may be below or above it.</summary>
    public static PixelPadding Of(DicomDataSet dataSet, ImagePixels pixels, SampleKind kind)
    {
        var (value, limit) = kind switch
        {
            SampleKind.Float => (dataSet.Real(DicomTags.FloatPixelPaddingValue), dataSet.Real(DicomTags.FloatPixelPaddingRangeLimit)),
            SampleKind.Double => (dataSet.Real(DicomTags.DoubleFloatPixelPaddingValue), dataSet.Real(DicomTags.DoubleFloatPixelPaddingRangeLimit)),
            _ => (Stored(dataSet, DicomTags.PixelPaddingValue, pixels), Stored(dataSet, DicomTags.PixelPaddingRangeLimit, pixels)),
        };
        return value is null ? None : new PixelPadding(Math.Min(value.Value, limit ?? value.Value), Math.Max(value.Value, limit ?? value.Value));
    }

    /// <summary>A stored value is padding.</summary>
    public bool Contains(double stored) => stored >= Low && stored <= High;

    // US or SS: the sign is that of the pixels, whichever of the two the writer chose.
    private static double? Stored(DicomDataSet dataSet, DicomTag tag, ImagePixels pixels) =>
        dataSet.Integer(tag) is { } value ? (pixels.IsSigned ? (short)value : (ushort)value) : null;
}
