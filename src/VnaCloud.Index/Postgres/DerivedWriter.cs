using Npgsql;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Writes of words, modalities and patients, behind those of the studies.</summary>
internal static class DerivedWriter
{
    private const string LostWords = """
        DELETE FROM study_word w USING unnest($1, $2, $3, $4, $5, $6) AS k (t, kind, fold, d, c, s) WHERE w.tenant_id = k.t AND w.kind = k.kind
            AND w.fold = k.fold AND w.study_date = k.d AND w.study_time = k.c AND w.study_uid = k.s
        """;

    private const string NewWords = "INSERT INTO study_word SELECT * FROM unnest($1, $2, $3, $4, $5, $6)";

    private const string LostModalities = """
        DELETE FROM study_modality m USING unnest($1, $2, $3, $4, $5) AS k (t, m, d, c, s) WHERE m.tenant_id = k.t AND m.modality = k.m
            AND m.study_date = k.d AND m.study_time = k.c AND m.study_uid = k.s
        """;

    private const string NewModalities = "INSERT INTO study_modality SELECT * FROM unnest($1, $2, $3, $4, $5)";

    // Locks the patient: the statements behind it see what the holder before committed.
    private const string CountPatients = """
        INSERT INTO patient AS p SELECT t, k, i, id, '', '', '', n FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS k (t, k, i, id, n, o) ORDER BY o
        ON CONFLICT (tenant_id, patient_key) DO UPDATE SET studies = p.studies + excluded.studies
        """;

    private const string DescribePatients = """
        UPDATE patient p SET name = f.patient_name, birth_date = f.patient_birth_date, sex = f.patient_sex
        FROM unnest($1, $2, $3, $4) AS k (t, key, i, id) CROSS JOIN LATERAL (
            SELECT patient_name, patient_birth_date, patient_sex FROM study s
            WHERE s.tenant_id = k.t AND s.patient_id = k.id AND s.issuer_of_patient_id = k.i ORDER BY first_origin LIMIT 1) f
        WHERE p.tenant_id = k.t AND p.patient_key = k.key
        """;

    private const string DeletePatients = """
        DELETE FROM patient p USING unnest($1, $2, $3, $4) AS k (t, key, i, id) WHERE p.tenant_id = k.t AND p.patient_key = k.key
            AND NOT EXISTS (SELECT 1 FROM study s WHERE s.tenant_id = k.t AND s.patient_id = k.id AND s.issuer_of_patient_id = k.i)
        """;

    public static void Add(NpgsqlBatch batch, PendingWrites writes)
    {
        foreach (var (sql, rows) in new[] { (LostWords, writes.LostWords), (NewWords, writes.NewWords) })
        {
            if (rows.Count > 0)
            {
                batch.Add(sql, Column(rows, static row => row.Tenant), Column(rows, static row => (int)row.Row.Kind),
                    Column(rows, static row => row.Row.Fold), Column(rows, static row => row.Row.Date), Column(rows, static row => row.Row.Time),
                    Column(rows, static row => row.Study));
            }
        }
        foreach (var (sql, rows) in new[] { (LostModalities, writes.LostModalities), (NewModalities, writes.NewModalities) })
        {
            if (rows.Count > 0)
            {
                batch.Add(sql, Column(rows, static row => row.Tenant), Column(rows, static row => row.Row.Modality),
                    Column(rows, static row => row.Row.Date), Column(rows, static row => row.Row.Time), Column(rows, static row => row.Study));
            }
        }
        if (writes.Patients.Count > 0)
        {
            AddPatients(batch, writes);
        }
    }

    private static void AddPatients(NpgsqlBatch batch, PendingWrites writes)
    {
        var patients = writes.Patients.Values;
        batch.Add(CountPatients, Column(patients, static row => row.Tenant), Column(patients, static row => row.Key),
            Column(patients, static row => row.Issuer), Column(patients, static row => row.PatientId), Column(patients, static row => (long)row.Studies));
        foreach (var sql in (ReadOnlySpan<string>)[DescribePatients, DeletePatients])
        {
            batch.Add(sql, Column(patients, static row => row.Tenant), Column(patients, static row => row.Key),
                Column(patients, static row => row.Issuer), Column(patients, static row => row.PatientId));
        }
    }
}
