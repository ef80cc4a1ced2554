using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Access;

/// <summary>How much of the archive there is for a visitor. What lies outside is not refused but does not exist: searches leave it out, and its URLs are 404.</summary>
internal sealed record Reach
{
    /// <summary>All there is.</summary>
    public static readonly Reach Everything = new();

    private Reach()
    {
    }

    /// <summary>The one study, when set.</summary>
    public string? StudyUid { get; private init; }

    /// <summary>Patient ID (0010,0020) of the one patient, when set.</summary>
    public string? PatientId { get; private init; }

    /// <summary>Issuer of Patient ID (0010,0021): "" where there must be none, null where it does not matter.</summary>
    public string? Issuer { get; private init; }

    public bool IsLimited => StudyUid is not null || PatientId is not null;

    public static Reach OfStudy(string studyUid) => new() { StudyUid = studyUid };

    public static Reach OfPatient(string patientId, string? issuer) => new() { PatientId = patientId, Issuer = issuer };

    /// <summary>The same search within this reach.</summary>
    public SearchRequest Narrow(SearchRequest request) => IsLimited ? request with { Criteria = [.. request.Criteria, .. Criteria()] } : request;

    private IEnumerable<Criterion> Criteria()
    {
        if (StudyUid is not null)
        {
            yield return new Criterion(DicomTags.StudyInstanceUID, new Match.AnyOf([StudyUid]));
        }
        if (PatientId is not null)
        {
            yield return new Criterion(DicomTags.PatientID, new Match.AnyOf([PatientId]));
        }
        if (Issuer is not null)
        {
            yield return new Criterion(DicomTags.IssuerOfPatientID, Issuer.Length == 0 ? new Match.Empty() : new Match.AnyOf([Issuer]));
        }
    }
}
