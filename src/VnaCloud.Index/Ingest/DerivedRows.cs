using VnaCloud.Archive;
using VnaCloud.Index.Model;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>The rows that searches use beside a study: its words, its modalities, its patient. Only what differs is written.</summary>
internal static class DerivedRows
{
    /// <summary>Replaces the rows of the old state (null: there was no study) by those of the new one (null: there is none any more).</summary>
    public static void Replace(SqliteSession session, StudyRecord? old, StudyRecord? study)
    {
        var (tenant, uid) = (old ?? study) is { } any ? (any.Tenant.Value, any.StudyUid) : (0, "");
        var (before, after) = (Words(old), Words(study));
        foreach (var row in before.Except(after))
        {
            session.Prepare("""
                DELETE FROM study_word WHERE tenant_id = ? AND kind = ? AND fold = ? AND study_date = ? AND study_time = ? AND study_uid = ?
                """).Bind(tenant, (int)row.Kind, row.Fold, row.Date, row.Time, uid).Run();
        }
        foreach (var row in after.Except(before))
        {
            session.Prepare("INSERT INTO study_word VALUES (?, ?, ?, ?, ?, ?)").Bind(tenant, (int)row.Kind, row.Fold, row.Date, row.Time, uid).Run();
        }
        ReplaceModalities(session, tenant, uid, Modalities(old), Modalities(study));
        PatientRows.Replace(session, old, study);
    }

    private static HashSet<(NameKind Kind, string Fold, string Date, string Time)> Words(StudyRecord? study)
    {
        var words = new HashSet<(NameKind, string, string, string)>();
        if (study is not null)
        {
            Add(study.Attributes.PatientName, NameKind.PatientAlphabetic, NameKind.PatientWord);
            Add(study.Attributes.ReferringPhysicianName, NameKind.ReferringAlphabetic, NameKind.ReferringWord);
        }
        return words;

        void Add(string name, NameKind groups, NameKind word)
        {
            foreach (var (i, group) in PersonNameFold.Groups(name).Index().Where(static item => item.Item.Length > 0))
            {
                words.Add((groups + i, group, study.Attributes.StudyDate, study.Attributes.StudyTime));
            }
            words.UnionWith(PersonNameFold.Words(name).Select(text => (word, text, study.Attributes.StudyDate, study.Attributes.StudyTime)));
        }
    }

    private static HashSet<(string Modality, string Date, string Time)> Modalities(StudyRecord? study) => study is null or { Modalities: "" }
        ? []
        : [.. study.Modalities.Split('\\').Select(modality => (modality, study.Attributes.StudyDate, study.Attributes.StudyTime))];

    private static void ReplaceModalities(SqliteSession session, int tenant, string uid,
        HashSet<(string Modality, string Date, string Time)> before, HashSet<(string Modality, string Date, string Time)> after)
    {
        foreach (var (modality, date, time) in before.Except(after))
        {
            session.Prepare("""
                DELETE FROM study_modality WHERE tenant_id = ? AND modality = ? AND study_date = ? AND study_time = ? AND study_uid = ?
                """).Bind(tenant, modality, date, time, uid).Run();
        }
        foreach (var (modality, date, time) in after.Except(before))
        {
            session.Prepare("INSERT INTO study_modality VALUES (?, ?, ?, ?, ?)").Bind(tenant, modality, date, time, uid).Run();
        }
    }
}
