using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using VnaCloud.Archive;
using VnaCloud.Index.Access;

namespace VnaCloud.Index;

/// <summary>
/// What an archive keeps beside what is stored: who accessed what, share links, and keys by which servers protect cookies. Unlike the index
/// proper it cannot be rebuilt from the store; it is in the database's backup (docs/operations.md).
/// </summary>
public sealed class AccessStore
{
    private const int Together = 100;
    private const string Insert = "INSERT INTO access_record (tenant_id, id, action, outcome, who, source, study_uid, patient_id, issuer, detail) VALUES ";

    private readonly IAccessDatabase _database;

    internal AccessStore(IAccessDatabase database) => _database = database;

    /// <summary>
    /// Appends records, in one statement for each hundred; those of a study that name no patient get the one that the study has now, or had at its
    /// last access when it was deleted since.
    /// </summary>
    public async Task AppendAsync(TenantId tenant, IReadOnlyList<AccessRecord> records, CancellationToken cancellation)
    {
        foreach (var part in records.Chunk(Together))
        {
            var sql = new StringBuilder(Insert);
            var values = new List<object>();
            foreach (var record in part)
            {
                var first = values.Count;
                values.AddRange(tenant.Value, record.Id.ToString(), Text(record.Action), Text(record.Outcome), Text(record.Who), Text(record.Source), Text(record.StudyUid),
                    Text(record.PatientId), Text(record.Issuer), Text(record.Detail));
                string At(int column) => $"{{{first + column}}}";
                sql.Append(first == 0 ? "" : ", ").Append('(').AppendJoin(", ", Enumerable.Range(0, 7).Select(At)).Append(CultureInfo.InvariantCulture,
                    $", {Patient("patient_id", "patient_id", At, 7)}, {Patient("issuer_of_patient_id", "issuer", At, 8)}, {At(9)})");
            }
            await _database.WriteAsync(db => db.Database.ExecuteSqlRawAsync(sql.ToString(), values, cancellation), cancellation);
        }
    }

    /// <summary>Records, the newest first.</summary>
    public Task<List<AccessRecord>> RecordsAsync(TenantId tenant, AccessQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _database.ReadAsync(async db =>
        {
            var rows = db.AccessRecords.Where(row => row.TenantId == tenant.Value);
            rows = query.PatientId is { } patient ? rows.Where(row => row.PatientId == patient) : rows;
            rows = query.Issuer is { } issuer ? rows.Where(row => row.Issuer == issuer) : rows;
            rows = query.StudyUid is { } study ? rows.Where(row => row.StudyUid == study) : rows;
            rows = query.Who is { } who ? rows.Where(row => row.Who == who) : rows;
            rows = query.From is { } from && Ulid.FirstOf(from).ToString() is { } first ? rows.Where(row => string.Compare(row.Id, first) >= 0) : rows;
            rows = query.To is { } to && Ulid.FirstOf(to).ToString() is { } end ? rows.Where(row => string.Compare(row.Id, end) < 0) : rows;
            rows = query.Before is { } before && before.ToString() is { } last ? rows.Where(row => string.Compare(row.Id, last) < 0) : rows;
            var found = await rows.OrderByDescending(static row => row.Id).Take(query.Limit).ToListAsync(cancellation);
            return found.ConvertAll(Record);
        }, cancellation);
    }

    /// <summary>Keeps a new link.</summary>
    public Task AddShareAsync(TenantId tenant, ShareLink link, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(link);
        var (id, token, expires) = (link.Id.ToString(), link.Token.ToBytes(), link.ExpiresAt.ToUnixTimeMilliseconds());
        return _database.WriteAsync(db => db.Database.ExecuteSqlAsync($"""
            INSERT INTO share_link (
                tenant_id, id, token, study_uid, is_whole_patient, patient_id, issuer, created_by, expires_at, may_download, note, passphrase,
                revoked_at, revoked_by, wrong, wrong_since)
            VALUES (
                {tenant.Value}, {id}, {token}, {link.StudyUid}, {link.IsWholePatient}, {Text(link.PatientId)}, {Text(link.Issuer)}, {Text(link.CreatedBy)},
                {expires}, {link.MayDownload}, {Text(link.Note)}, {link.Passphrase}, 0, '', 0, 0)
            """, cancellation), cancellation);
    }

    /// <summary>The link whose token has this hash, be it open or not; null when there is none.</summary>
    public Task<ShareLink?> FindShareAsync(TenantId tenant, Digest token, CancellationToken cancellation)
    {
        var bytes = token.ToBytes();
        return _database.ReadAsync(async db => Link(await db.ShareLinks.FirstOrDefaultAsync(row => row.TenantId == tenant.Value && row.Token == bytes, cancellation)), cancellation);
    }

    /// <summary>The link of this id, be it open or not; null when there is none.</summary>
    public Task<ShareLink?> FindShareAsync(TenantId tenant, Ulid link, CancellationToken cancellation)
    {
        var id = link.ToString();
        return _database.ReadAsync(async db => Link(await db.ShareLinks.FirstOrDefaultAsync(row => row.TenantId == tenant.Value && row.Id == id, cancellation)), cancellation);
    }

    /// <summary>Links, the newest first: of one study or of all, made by one or by all.</summary>
    public Task<List<ShareLink>> SharesAsync(TenantId tenant, string? studyUid, string? createdBy, int limit, CancellationToken cancellation) => _database.ReadAsync(async db =>
    {
        var rows = db.ShareLinks.Where(row => row.TenantId == tenant.Value);
        rows = studyUid is null ? rows : rows.Where(row => row.StudyUid == studyUid);
        rows = createdBy is null ? rows : rows.Where(row => row.CreatedBy == createdBy);
        var found = await rows.OrderByDescending(static row => row.Id).Take(limit).ToListAsync(cancellation);
        return found.ConvertAll(static row => Link(row)!);
    }, cancellation);

    /// <summary>Lets a link open nothing from now on; false when there is no such link that was not revoked before.</summary>
    public Task<bool> RevokeShareAsync(TenantId tenant, Ulid link, DateTimeOffset now, string by, CancellationToken cancellation)
    {
        var (id, at) = (link.ToString(), now.ToUnixTimeMilliseconds());
        return _database.WriteAsync(async db => await db.Database.ExecuteSqlAsync(
            $"UPDATE share_link SET revoked_at = {at}, revoked_by = {Text(by)} WHERE tenant_id = {tenant.Value} AND id = {id} AND revoked_at = 0", cancellation) > 0, cancellation);
    }

    /// <summary>
    /// Takes one of the tries that a link's passphrase has within a while; false when there is none left. Counted before the passphrase is
    /// looked at, so that many tries at once are no more than the same tries one after the other.
    /// </summary>
    public Task<bool> TryPassphraseAsync(TenantId tenant, Ulid link, int tries, TimeSpan within, DateTimeOffset now, CancellationToken cancellation)
    {
        var (id, at, since) = (link.ToString(), now.ToUnixTimeMilliseconds(), (now - within).ToUnixTimeMilliseconds());
        return _database.WriteAsync(async db => await db.Database.ExecuteSqlAsync($"""
            UPDATE share_link SET wrong = CASE WHEN wrong_since <= {since} THEN 1 ELSE wrong + 1 END, wrong_since = CASE WHEN wrong_since <= {since} THEN {at} ELSE wrong_since END
            WHERE tenant_id = {tenant.Value} AND id = {id} AND (wrong < {tries} OR wrong_since <= {since})
            """, cancellation) > 0, cancellation);
    }

    /// <summary>The passphrase was right: its tries are given back.</summary>
    public Task ForgiveAsync(TenantId tenant, Ulid link, CancellationToken cancellation)
    {
        var id = link.ToString();
        return _database.WriteAsync(db => db.Database.ExecuteSqlAsync(
            $"UPDATE share_link SET wrong = 0, wrong_since = 0 WHERE tenant_id = {tenant.Value} AND id = {id}", cancellation), cancellation);
    }

    /// <summary>The keys that protect cookies, as XML.</summary>
    public Task<List<string>> KeysAsync(CancellationToken cancellation) =>
        _database.ReadAsync(db => db.ProtectionKeys.OrderBy(static key => key.Name).Select(static key => key.Xml).ToListAsync(cancellation), cancellation);

    /// <summary>Keeps a key.</summary>
    public Task AddKeyAsync(string name, string xml, CancellationToken cancellation) => _database.WriteAsync(
        db => db.Database.ExecuteSqlAsync($"INSERT INTO protection_key (name, xml) VALUES ({name}, {xml}) ON CONFLICT DO NOTHING", cancellation), cancellation);

    // What was given; else what the study says; else what its last record says. Columns 0, 6 and 7 are tenant, study and patient.
    private static string Patient(string ofStudy, string ofRecord, Func<int, string> at, int given) => $"""
        CASE WHEN {at(7)} <> '' OR {at(6)} = '' THEN {at(given)} ELSE coalesce(
            (SELECT {ofStudy} FROM study WHERE tenant_id = {at(0)} AND study_uid = {at(6)}),
            (SELECT {ofRecord} FROM access_record WHERE tenant_id = {at(0)} AND study_uid = {at(6)} AND patient_id <> '' ORDER BY id DESC LIMIT 1), '') END
        """;

    // PostgreSQL has no NUL in text.
    private static string Text(string text) => text.Replace('\0', '\uFFFD');

    private static AccessRecord Record(AccessRecordEntity row) => new()
    {
        Id = Id(row.Id),
        Action = row.Action,
        Outcome = row.Outcome,
        Who = row.Who,
        Source = row.Source,
        StudyUid = row.StudyUid,
        PatientId = row.PatientId,
        Issuer = row.Issuer,
        Detail = row.Detail,
    };

    private static ShareLink? Link(ShareLinkEntity? row) => row is null ? null : new ShareLink
    {
        Id = Id(row.Id),
        Token = Digest.Read(row.Token),
        StudyUid = row.StudyUid,
        IsWholePatient = row.IsWholePatient,
        PatientId = row.PatientId,
        Issuer = row.Issuer,
        CreatedBy = row.CreatedBy,
        ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAt),
        MayDownload = row.MayDownload,
        Note = row.Note,
        Passphrase = row.Passphrase,
        RevokedAt = row.RevokedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.RevokedAt),
        RevokedBy = row.RevokedBy,
        Wrong = row.Wrong,
        WrongSince = DateTimeOffset.FromUnixTimeMilliseconds(row.WrongSince),
    };

    private static Ulid Id(string text) => Ulid.TryParse(text, out var id) ? id : throw new InvalidDataException("An id in the index is no ULID.");
}
