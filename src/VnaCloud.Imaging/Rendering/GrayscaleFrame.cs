using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// The grayscale pipeline (PS3.4 N.2.1): stored value, Modality LUT, VOI LUT, Presentation LUT shape. Where codes are few, each is
/// computed once.
/// </summary>
internal static class GrayscaleFrame
{
    /// <summary>A grey for each pixel.</summary>
    public static byte[] Render(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet, int number, RenderOptions options)
    {
        var kind = options.Samples ?? KindOf(dataSet);
        var samples = new StoredSamples(pixels, frame, kind);
        var signed = pixels.IsSigned || kind != SampleKind.Integer;
        var modality = ModalityTransform.Of(dataSet, number, signed);
        var voi = options.Window is { } window
            ? new VoiTransform(window)
            : VoiTransform.Find(dataSet, number, kind, modality.MayBeNegative(signed)) ?? Spanning(samples, modality, PixelPadding.Of(dataSet, pixels, kind));
        var invert = IsInverse(pixels, dataSet) ? (byte)0xFF : (byte)0;
        var output = new byte[samples.Count];
        if (samples.Codes == 0)
        {
            for (var i = 0; i < output.Length; i++)
            {
                output[i] = (byte)(Grey(voi.Level(modality.Apply(samples[i]))) ^ invert);
            }
            return output;
        }
        var table = new byte[samples.Codes];
        for (var code = 0; code < table.Length; code++)
        {
            table[code] = (byte)(Grey(voi.Level(modality.Apply(samples.Value((ulong)code)))) ^ invert);
        }
        samples.Map(table, output);
        return output;
    }

    // Not a number is black.
    private static byte Grey(double level) => level > 0 ? (byte)((level * 255) + 0.5) : (byte)0;

    private static SampleKind KindOf(DicomDataSet dataSet) =>
        dataSet[DicomTags.PixelData] is not null ? SampleKind.Integer
            : dataSet[DicomTags.FloatPixelData] is not null ? SampleKind.Float
            : dataSet[DicomTags.DoubleFloatPixelData] is not null ? SampleKind.Double
            : SampleKind.Integer;

    // MONOCHROME1 and INVERSE say the same thing (PS3.3 C.11.6.1 asks for both together), so one of them decides, never both.
    private static bool IsInverse(ImagePixels pixels, DicomDataSet dataSet) => dataSet.String(DicomTags.PresentationLUTShape).Trim() switch
    {
        "INVERSE" => true,
        "IDENTITY" => false,
        _ => pixels.Photometric == "MONOCHROME1",
    };

    private static VoiTransform Spanning(StoredSamples samples, ModalityTransform modality, PixelPadding padding)
    {
        if (samples.IsBinary)
        {
            // A mask that covers its frame is white, not one grey that happens to be the least.
            return VoiTransform.Spanning(modality.Apply(samples.Value(0)), modality.Apply(samples.Value(1)));
        }
        var (least, greatest) = Range(samples, modality, padding);
        if (least >= greatest)
        {
            // One value beside the padding, as in a label map with one label, shows only against it.
            (least, greatest) = Range(samples, modality, new PixelPadding(double.NaN, double.NaN));
        }
        return VoiTransform.Spanning(least, greatest);
    }

    private static (double Least, double Greatest) Range(StoredSamples samples, ModalityTransform modality, PixelPadding padding)
    {
        var range = new ValueRange(modality, padding);
        if (samples.Codes == 0)
        {
            for (var i = 0; i < samples.Count; i++)
            {
                range.Add(samples[i]);
            }
            return (range.Least, range.Greatest);
        }
        var seen = new bool[samples.Codes];
        samples.Mark(seen);
        for (var code = 0; code < seen.Length; code++)
        {
            if (seen[code])
            {
                range.Add(samples.Value((ulong)code));
            }
        }
        return (range.Least, range.Greatest);
    }

    // Infinities and what is no number are shown, but would leave nothing to tell apart.
    private struct ValueRange(ModalityTransform modality, PixelPadding padding)
    {
        public double Least { get; private set; } = double.PositiveInfinity;

        public double Greatest { get; private set; } = double.NegativeInfinity;

        public void Add(double stored)
        {
            var value = modality.Apply(stored);
            if (!padding.Contains(stored) && double.IsFinite(value))
            {
                Least = Math.Min(Least, value);
                Greatest = Math.Max(Greatest, value);
            }
        }
    }
}
