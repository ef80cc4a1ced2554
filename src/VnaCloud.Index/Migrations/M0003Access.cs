using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VnaCloud.Index.Migrations;

/// <summary>
/// Who accessed what, share links, and the keys by which servers protect their cookies. None of it is in the store: a rebuild leaves these
/// tables as they are, and a lost index loses them.
/// </summary>
[DbContext(typeof(Sqlite.SqliteIndexDb))]
[Migration(Id)]
internal sealed class M0003Access : Migration
{
    internal const string Id = "0003_Access";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Records);
        migrationBuilder.Sql(OnlyAppended);
        migrationBuilder.Sql(Shares);
    }

    private const string Records = """
        CREATE TABLE access_record (
            tenant_id INTEGER NOT NULL, id TEXT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL, who TEXT NOT NULL, source TEXT NOT NULL,
            study_uid TEXT NOT NULL, patient_id TEXT NOT NULL, issuer TEXT NOT NULL, detail TEXT NOT NULL,
            PRIMARY KEY (tenant_id, id)) WITHOUT ROWID;
        CREATE INDEX access_record_patient ON access_record (tenant_id, patient_id, id);
        CREATE INDEX access_record_study ON access_record (tenant_id, study_uid, id);
        CREATE INDEX access_record_who ON access_record (tenant_id, who, id);
        """;

    private const string OnlyAppended = """
        CREATE TRIGGER access_record_update BEFORE UPDATE ON access_record BEGIN SELECT RAISE(ABORT, 'access records are only appended'); END;
        CREATE TRIGGER access_record_delete BEFORE DELETE ON access_record BEGIN SELECT RAISE(ABORT, 'access records are only appended'); END;
        """;

    private const string Shares = """
        CREATE TABLE share_link (
            tenant_id INTEGER NOT NULL, id TEXT NOT NULL, token BLOB NOT NULL UNIQUE, study_uid TEXT NOT NULL, is_whole_patient INTEGER NOT NULL,
            patient_id TEXT NOT NULL, issuer TEXT NOT NULL, created_by TEXT NOT NULL, expires_at INTEGER NOT NULL, may_download INTEGER NOT NULL,
            note TEXT NOT NULL, passphrase TEXT NOT NULL, revoked_at INTEGER NOT NULL, revoked_by TEXT NOT NULL, wrong INTEGER NOT NULL,
            wrong_since INTEGER NOT NULL, PRIMARY KEY (tenant_id, id)) WITHOUT ROWID;
        CREATE TABLE protection_key (name TEXT NOT NULL PRIMARY KEY, xml TEXT NOT NULL) WITHOUT ROWID;
        """;
}
