using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>From the modality's values to grey (PS3.4 N.2.1.2, PS3.3 C.11.2): through a window or a table.</summary>
internal sealed class VoiTransform
{
    private readonly VoiWindow _window;
    private readonly LookupTable? _table;

    /// <summary>Through a window.</summary>
    public VoiTransform(VoiWindow window) => _window = window;

    /// <summary>Through a table.</summary>
    private VoiTransform(LookupTable table) => _table = table;

    /// <summary>
    /// What the instance says of a frame, or null: the frame's functional group before the data set, and in each the first window
    /// before the first VOI LUT. The standard leaves the choice between alternatives to the user (C.11.2.1.2.1); dcm4che prefers the
    /// window too, and DCMTK's dcm2pnm takes what its caller names.
    /// </summary>
    public static VoiTransform? Find(DicomDataSet dataSet, int frame, SampleKind kind, bool signedInput) =>
        (dataSet.FunctionalGroup(frame, DicomTags.FrameVOILUTSequence) is { } group ? Of(group, kind, signedInput) : null) ?? Of(dataSet, kind, signedInput);

    /// <summary>From the least value to the greatest; a frame of one value only is black.</summary>
    public static VoiTransform Spanning(double least, double greatest) => new(greatest > least
        ? new VoiWindow(least + ((greatest - least) / 2), greatest - least, VoiFunction.LinearExact)
        : new VoiWindow(least + 0.5, 1, VoiFunction.LinearExact));

    /// <summary>The grey of a value, from 0 (black) to 1 (white).</summary>
    public double Level(double value) => _table is { } table ? (double)table[value] / table.Highest : _window.Level(value);

    private static VoiTransform? Of(DicomDataSet source, SampleKind kind, bool signedInput)
    {
        if (WindowOf(source, kind) is { } window)
        {
            return new VoiTransform(window);
        }
        return source.Item(DicomTags.VOILUTSequence) is { } item && LookupTable.Of(item, signedInput) is { } table ? new VoiTransform(table) : null;
    }

    private static VoiWindow? WindowOf(DicomDataSet source, SampleKind kind)
    {
        if (source.Real(DicomTags.WindowCenter) is not { } center || source.Real(DicomTags.WindowWidth) is not { } width)
        {
            return null;
        }
        var function = source.String(DicomTags.VOILUTFunction).Trim() switch
        {
            "SIGMOID" => VoiFunction.Sigmoid,
            "LINEAR_EXACT" => VoiFunction.LinearExact,
            // LINEAR counts integers: it has no meaning for widths below 1, and at 1 it is a threshold. Images of real numbers that say
            // so mean what LINEAR_EXACT says.
            _ => width < 1 || (width == 1 && kind != SampleKind.Integer) ? VoiFunction.LinearExact : VoiFunction.Linear,
        };
        return new VoiWindow(center, width, function) is { IsValid: true } window ? window : null;
    }
}
