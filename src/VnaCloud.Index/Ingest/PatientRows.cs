using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>A patient whose row is to be computed again from its studies, of which it has <paramref name="Studies"/> more or less.</summary>
internal readonly record struct PatientChange(int Tenant, string Key, string Issuer, string PatientId, int Studies);

/// <summary>
/// A patient is an issuer and an ID; a study without Patient ID has no patient row. Name, birth date and sex are those of the patient's
/// study with the smallest first origin. A patient whose last study is deleted goes with it.
/// </summary>
internal static class PatientRows
{
    /// <summary>The patients that a study's change concerns.</summary>
    public static IEnumerable<PatientChange> Changes(StudyRecord? old, StudyRecord? study)
    {
        if (old is not null && study is not null && old.First == study.First && IsSamePatient(old.Attributes, study.Attributes))
        {
            yield break;
        }
        var (before, after) = (Key(old), Key(study));
        if (old is not null && before != after && before.Length > 0)
        {
            yield return Change(old, before, -1);
        }
        if (study is not null && after.Length > 0)
        {
            yield return Change(study, after, before == after ? 0 : 1);
        }
    }

    private static PatientChange Change(StudyRecord study, string key, int studies) =>
        new(study.Tenant.Value, key, study.Attributes.IssuerOfPatientId, study.Attributes.PatientId, studies);

    /// <summary>Issuer, bar, ID; bars and backslashes in either are escaped, so that no two patients share a key. Empty without ID.</summary>
    private static string Key(StudyRecord? study) => study is null or { Attributes.PatientId: "" }
        ? ""
        : $"{Escape(study.Attributes.IssuerOfPatientId)}|{Escape(study.Attributes.PatientId)}";

    private static string Escape(string text) => text.Replace(@"\", @"\\").Replace("|", @"\|");

    private static bool IsSamePatient(StudyAttributes a, StudyAttributes b) =>
        (a.PatientId, a.IssuerOfPatientId, a.PatientName, a.PatientBirthDate, a.PatientSex)
        == (b.PatientId, b.IssuerOfPatientId, b.PatientName, b.PatientBirthDate, b.PatientSex);
}
