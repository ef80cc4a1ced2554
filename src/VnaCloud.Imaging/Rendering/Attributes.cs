using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>Attributes as rendering needs them: real numbers, and the functional groups of a frame.</summary>
internal static class Attributes
{
    /// <summary>The n-th value as a finite real number (DS, FL, FD or any integer), or null.</summary>
    public static double? Real(this DicomDataSet dataSet, DicomTag tag, int index = 0)
    {
        var values = dataSet.Strings(tag);
        return index < values.Count && double.TryParse(values[index].Trim(' ', '\0'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) ? value : null;
    }

    /// <summary>The first item of a sequence, or null.</summary>
    public static DicomDataSet? Item(this DicomDataSet dataSet, DicomTag sequence, int index = 0) =>
        dataSet[sequence]?.Items is { } items && index < items.Count ? items[index] : null;

    /// <summary>What a functional group says of a frame: its own item, else the one that all frames share (PS3.3 C.7.6.16.1.2).</summary>
    public static DicomDataSet? FunctionalGroup(this DicomDataSet dataSet, int frame, DicomTag macro) =>
        dataSet.Item(DicomTags.PerFrameFunctionalGroupsSequence, frame)?.Item(macro)
        ?? dataSet.Item(DicomTags.SharedFunctionalGroupsSequence)?.Item(macro);
}
