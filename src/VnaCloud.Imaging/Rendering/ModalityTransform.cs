using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>From stored values to what the modality measured (PS3.4 N.2.1.1, PS3.3 C.11.1 and C.7.6.16.2.9).</summary>
internal sealed class ModalityTransform
{
    private readonly LookupTable? _table;
    private readonly double _slope;
    private readonly double _intercept;

    private ModalityTransform(LookupTable? table, double slope, double intercept)
    {
        _table = table;
        _slope = slope;
        _intercept = intercept;
    }

    /// <summary>Values below zero can come out of it.</summary>
    public bool MayBeNegative(bool signedInput) => _table is null && (signedInput || _intercept < 0 || _slope < 0);

    /// <summary>
    /// A Modality LUT, else the frame's Pixel Value Transformation, else slope and intercept of the data set. An instance has one of
    /// them (PS3.3 C.11.1); where it has a table besides, the table counts, as in DCMTK.
    /// </summary>
    public static ModalityTransform Of(DicomDataSet dataSet, int frame, bool signedInput)
    {
        if (dataSet.Item(DicomTags.ModalityLUTSequence) is { } item && LookupTable.Of(item, signedInput) is { } table)
        {
            return new ModalityTransform(table, 1, 0);
        }
        var source = dataSet.FunctionalGroup(frame, DicomTags.PixelValueTransformationSequence) ?? dataSet;
        // A slope of 0 would make every value one: no measurement, but a field that was left unfilled.
        return source.Real(DicomTags.RescaleSlope) is { } slope and not 0
            ? new ModalityTransform(null, slope, source.Real(DicomTags.RescaleIntercept) ?? 0)
            : new ModalityTransform(null, 1, source.Real(DicomTags.RescaleSlope) is null ? source.Real(DicomTags.RescaleIntercept) ?? 0 : 0);
    }

    /// <summary>The output of a stored value.</summary>
    public double Apply(double stored) => _table is { } table ? table[stored] : (stored * _slope) + _intercept;
}
