using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>
/// Where the instances are that a report speaks of. Content items name them by SOP Instance UID only; their studies and series are in
/// the evidence sequences (PS3.3 section C.17.2.3) and in those of other documents. What these do not name has no URL here.
/// </summary>
internal sealed class ReportReferences
{
    private readonly Dictionary<string, string> _urls = new(StringComparer.Ordinal);
    private readonly string _dicomWebUrl;

    public ReportReferences(DicomDataSet root, string dicomWebUrl)
    {
        _dicomWebUrl = dicomWebUrl;
        Add(root, DicomTags.CurrentRequestedProcedureEvidenceSequence);
        Add(root, DicomTags.PertinentOtherEvidenceSequence);
        EvidenceInstances = _urls.Count;
        Add(root, DicomTags.PredecessorDocumentsSequence);
        Add(root, DicomTags.IdenticalDocumentsSequence);
    }

    /// <summary>How many instances the evidence names.</summary>
    public int EvidenceInstances { get; }

    /// <summary>The instance's URL in this archive, whether it is there or not; null where the report does not say enough.</summary>
    public string? UrlOf(string sopInstanceUid) => _urls.GetValueOrDefault(sopInstanceUid);

    /// <summary>The instances of one of the sequences of studies, series and instances (PS3.3 Table C.17-3).</summary>
    public static IEnumerable<(string Study, string Series, DicomDataSet Instance)> Instances(DicomDataSet root, DicomTag sequence) =>
        from study in root.Items(sequence)
        from series in study.Items(DicomTags.ReferencedSeriesSequence)
        from instance in series.Items(DicomTags.ReferencedSOPSequence)
        select (study.Text(DicomTags.StudyInstanceUID), series.Text(DicomTags.SeriesInstanceUID), instance);

    private void Add(DicomDataSet root, DicomTag sequence)
    {
        foreach (var (study, series, instance) in Instances(root, sequence).Take(ReportLimits.Evidence))
        {
            var sop = instance.Text(DicomTags.ReferencedSOPInstanceUID);
            // What is not digits and periods never becomes part of a URL.
            if (DicomUid.IsValid(study) && DicomUid.IsValid(series) && DicomUid.IsTolerated(sop))
            {
                _urls.TryAdd(sop, $"{_dicomWebUrl}/studies/{study}/series/{series}/instances/{sop}");
            }
        }
    }
}
