using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// A patient is an issuer and an ID; a study without Patient ID has no patient row. Name, birth date and sex are those of the patient's
/// study with the smallest first origin. A patient whose last study is deleted goes with it.
/// </summary>
internal static class PatientRows
{
    private const string Upsert = """
        INSERT INTO patient VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
            name = excluded.name, birth_date = excluded.birth_date, sex = excluded.sex, studies = patient.studies + excluded.studies
        """;

    /// <summary>Runs when the study's own row has been written or deleted.</summary>
    public static void Replace(SqliteSession session, StudyRecord? old, StudyRecord? study)
    {
        if (old is not null && study is not null && old.First == study.First && IsSamePatient(old.Attributes, study.Attributes))
        {
            return;
        }
        var (before, after) = (Key(old), Key(study));
        if (old is not null && before != after)
        {
            Refresh(session, old, before, -1);
        }
        if (study is not null)
        {
            Refresh(session, study, after, before == after ? 0 : 1);
        }
    }

    private static void Refresh(SqliteSession session, StudyRecord study, string key, int change)
    {
        if (key.Length == 0)
        {
            return;
        }
        var (tenant, issuer, id) = (study.Tenant.Value, study.Attributes.IssuerOfPatientId, study.Attributes.PatientId);
        var first = session.Prepare("""
            SELECT patient_name, patient_birth_date, patient_sex FROM study
            WHERE tenant_id = ? AND patient_id = ? AND issuer_of_patient_id = ? ORDER BY first_origin LIMIT 1
            """).Bind(tenant, id, issuer);
        if (!first.Step())
        {
            session.Prepare("DELETE FROM patient WHERE tenant_id = ? AND patient_key = ?").Bind(tenant, key).Run();
            return;
        }
        var (name, birthDate, sex) = (first.Text(0), first.Text(1), first.Text(2));
        first.Reset();
        session.Prepare(Upsert).Bind(tenant, key, issuer, id, name, birthDate, sex, change).Run();
    }

    /// <summary>Issuer, bar, ID; bars and backslashes in either are escaped, so that no two patients share a key. Empty without ID.</summary>
    private static string Key(StudyRecord? study) => study is null or { Attributes.PatientId: "" }
        ? ""
        : $"{Escape(study.Attributes.IssuerOfPatientId)}|{Escape(study.Attributes.PatientId)}";

    private static string Escape(string text) => text.Replace(@"\", @"\\").Replace("|", @"\|");

    private static bool IsSamePatient(StudyAttributes a, StudyAttributes b) =>
        (a.PatientId, a.IssuerOfPatientId, a.PatientName, a.PatientBirthDate, a.PatientSex)
        == (b.PatientId, b.IssuerOfPatientId, b.PatientName, b.PatientBirthDate, b.PatientSex);
}
