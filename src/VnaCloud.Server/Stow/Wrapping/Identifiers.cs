using System.Buffers.Binary;
using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>UIDs for files that have none: one study for the request, a series for each modality in it, and an instance each (PS3.5 section B.2).</summary>
internal sealed class Identifiers(string? study)
{
    private readonly Dictionary<(string Study, string Modality), string> _series = [];
    private string? _study = study;
    private int _count;

    public void Complete(DicomDataSet dataSet)
    {
        IodAttributes.Require(dataSet, DicomTags.StudyInstanceUID, DicomVr.UI, () => _study ??= New());
        IodAttributes.Require(dataSet, DicomTags.SeriesInstanceUID, DicomVr.UI, () => SeriesOf(dataSet));
        IodAttributes.Require(dataSet, DicomTags.SOPInstanceUID, DicomVr.UI, New);
    }

    /// <summary>The next Instance Number (0020,0013).</summary>
    public string NextNumber() => (++_count).ToString(CultureInfo.InvariantCulture);

    /// <summary>A UID out of a random UUID.</summary>
    public static string New() =>
        string.Create(CultureInfo.InvariantCulture, $"2.25.{BinaryPrimitives.ReadUInt128BigEndian(Guid.NewGuid().ToByteArray(bigEndian: true))}");

    private string SeriesOf(DicomDataSet dataSet)
    {
        var key = (dataSet.String(DicomTags.StudyInstanceUID), dataSet.String(DicomTags.Modality));
        if (!_series.TryGetValue(key, out var series))
        {
            _series.Add(key, series = New());
        }
        return series;
    }
}
