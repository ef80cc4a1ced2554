using System.Globalization;
using Npgsql;

namespace VnaCloud.EndToEnd.Tests.Plans;

/// <summary>
/// Rows of an archive of so many studies, made by the database itself: 15 years, nine modalities, patients who come back, names of two
/// words, 1.2 series and 3 instances a study. Everything follows from the study's number, and the newest studies lie anywhere in the tables:
/// no query finds its rows side by side.
/// </summary>
internal static class ArchiveFilling
{
    // h and k are two hashes of the number; one study in five has a second series.
    private const string Plan = """
        CREATE UNLOGGED TABLE plan AS
        SELECT n, '1.2.826.0.1.3680043.9.' || (h % 900 + 100) || '.' || n AS uid, h, k, p,
            to_char(date '2011-01-01' + (h % 5475)::int, 'YYYYMMDD') AS d,
            to_char((6 + k % 14) * 10000 + (h / 7 % 60) * 100 + k / 11 % 60, 'FM000000') AS t,
            surname[p % 40 + 1] || surname[p / 40 % 40 + 1] || suffix[p / 1600 % 10 + 1] AS family, given[p / 3 % 30 + 1] AS name,
            surname[k % 40 + 1] || suffix[k / 40 % 10 + 1] AS doctor,
            (ARRAY['CT','CT','CT','CT','CT','MR','MR','MR','MR','DX','DX','DX','DX','DX','US','US','US','MG','XA','PT\CT'])[k % 20 + 1] AS m,
            CASE WHEN k % 20 = 19 OR h % 6 = 0 THEN 2 ELSE 1 END AS ss
        FROM (SELECT n, abs(hashint8extended(n, 1)) AS h, abs(hashint8extended(n, 2)) AS k, abs(hashint8extended(n, 3)) % greatest(1, $n * 2 / 5) AS p
              FROM generate_series(1, $n) AS n) AS numbers,
            (SELECT ARRAY['MUL','SCH','WEI','HAR','BER','KOL','LAN','MAR','NOR','OST','PET','QUI','RIC','SAN','TOR','URB','VAL','WAL','XEN','YOU',
                'ZIM','ALB','BRA','CAR','DEL','ERN','FRI','GOL','HOL','INN','JAN','KRA','LIN','MEI','NEU','OPP','PRA','ROS','STE','TAU'] AS surname,
                ARRAY['ER','MAN','SON','EN','BERG','FELD','KE','IS','OV','I'] AS suffix,
                ARRAY['ANNA','BEN','CLARA','DAVID','EVA','FELIX','GRETA','HUGO','IDA','JAN','KARL','LENA','MAX','NORA','OTTO','PAUL','RUTH','SARA',
                'TOM','UTE','VERA','WILL','YARA','ZOE','MARY','JOHN','LUIS','ANNE','PIA','LEO'] AS given) AS names;
        """;

    private const string Study = """
        INSERT INTO study SELECT 1, uid, d, t, CASE WHEN h % 50 = 0 THEN '' ELSE 'A' || to_char(n, 'FM0000000000') END, initcap(doctor) || '^Dr',
            (ARRAY['Thorax','Abdomen','Knee left','Knee right','Head','Spine','Follow-up'])[h % 7 + 1], 'S' || (n / 3), '', initcap(family) || '^' || initcap(name),
            'P' || to_char(p, 'FM00000000'), 'HOSPITAL', to_char(date '1930-01-01' + (p % 30000)::int, 'YYYYMMDD'), (ARRAY['F','M','O'])[p % 3 + 1], m,
            ss, 3, 3 * 524288, 1000 + n, decode(lpad(to_hex(n), 40, '0'), 'hex'),
            uid || '.1', uid || '.1.1', 0
        FROM plan ORDER BY k;
        INSERT INTO study_modality SELECT 1, one, d, t, uid FROM plan, string_to_table(m, '\') AS one;
        INSERT INTO study_word SELECT 1, w.kind, w.fold, d, t, uid FROM plan, LATERAL (VALUES
            (0, family || '^' || name), (3, family), (3, name), (4, doctor || '^DR'), (7, doctor), (7, 'DR')) AS w (kind, fold)
            ON CONFLICT DO NOTHING;
        """;

    private const string Below = """
        INSERT INTO series SELECT 1, uid, uid || '.' || s, CASE WHEN m = 'PT\CT' THEN (ARRAY['PT','CT'])[s] ELSE m END, s::text, s,
            (ARRAY['Axial','Sagittal','Topogram','PA','Lateral'])[(h + s) % 5 + 1], (ARRAY['CHEST','KNEE','HEAD','ABDOMEN'])[h % 4 + 1],
            'Hospital', 'STATION' || k % 40, d, t, CASE WHEN ss = 2 THEN 3 - s ELSE 3 END, decode(lpad(to_hex(n), 38, '0') || '0' || s, 'hex'), uid || '.' || s || '.1'
        FROM plan, generate_series(1, ss) AS s ORDER BY k;
        INSERT INTO series_request SELECT 1, uid, uid || '.1', 0, 'SPS' || to_char(n / 2, 'FM00000000'), 'RP' || to_char(n, 'FM00000000') FROM plan WHERE h % 2 = 0;
        INSERT INTO pack SELECT 1, uid, 1, decode(lpad(to_hex(n), 32, '0'), 'hex'), 't/k/packs/' || lpad(to_hex(n), 26, '0') || '.tar', 1600000, 0 FROM plan;
        INSERT INTO instance SELECT 1, uid, uid || '.' || s, uid || '.' || s || '.' || i, decode(lpad(to_hex(n), 36, '0') || '0' || s || '0' || i, 'hex'), 1,
            CASE WHEN m = 'MR' THEN '1.2.840.10008.5.1.4.1.1.4' WHEN m = 'US' THEN '1.2.840.10008.5.1.4.1.1.6.1' ELSE '1.2.840.10008.5.1.4.1.1.2' END,
            '1.2.840.10008.1.2.1', i::text, i, 512, 512, 16, CASE WHEN m = 'US' AND h % 20 = 0 THEN 60 END, 1, i * 527000, 526000, 1, 1590000 + i * 900,
            decode(repeat('00000300', 6), 'hex'), 0, 1, 1400, 524288, 524288, 0, 0, 0, 0, sha256(uid::bytea || int4send(s * 100 + i)), sha256(uid::bytea || int4send(s * 100 + i + 50))
        FROM plan, generate_series(1, ss) AS s, generate_series(1, CASE WHEN ss = 2 THEN 3 - s ELSE 3 END) AS i;
        INSERT INTO tenant_count SELECT 1, 0, (SELECT count(*) FROM study), (SELECT count(*) FROM series), (SELECT count(*) FROM instance), (SELECT count(*) FROM pack);
        DROP TABLE plan;
        """;

    /// <summary>What autovacuum does in an archive that runs.</summary>
    private const string Vacuum = "VACUUM (ANALYZE)";

    public static async Task RunAsync(string connectionString, int studies)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=1800;Pooling=false");
        foreach (var sql in new[] { Plan, Study, Below, Vacuum })
        {
            await using var command = source.CreateCommand(sql.Replace("$n", studies.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
            await command.ExecuteNonQueryAsync();
        }
    }
}
