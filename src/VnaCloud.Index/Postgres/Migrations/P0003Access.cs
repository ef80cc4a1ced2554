using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VnaCloud.Index.Postgres.Migrations;

/// <summary>
/// Who accessed what, share links, and the keys by which servers protect their cookies. None of it is in the store: a rebuild leaves these
/// tables as they are. Only adds tables: a server that knows the earlier schemas goes on working.
/// </summary>
[DbContext(typeof(PostgresIndexDb))]
[Migration(Id)]
internal sealed class P0003Access : Migration
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
            tenant_id int NOT NULL, id text COLLATE "C" NOT NULL, action text COLLATE "C" NOT NULL, outcome text COLLATE "C" NOT NULL,
            who text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, study_uid text COLLATE "C" NOT NULL,
            patient_id text COLLATE "C" NOT NULL, issuer text COLLATE "C" NOT NULL, detail text COLLATE "C" NOT NULL, PRIMARY KEY (tenant_id, id));
        CREATE INDEX access_record_patient ON access_record (tenant_id, patient_id, id);
        CREATE INDEX access_record_study ON access_record (tenant_id, study_uid, id);
        CREATE INDEX access_record_who ON access_record (tenant_id, who, id);
        """;

    private const string OnlyAppended = """
        CREATE FUNCTION access_record_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'access records are only appended'; END $$;
        CREATE TRIGGER access_record_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON access_record FOR EACH STATEMENT EXECUTE FUNCTION access_record_kept();
        """;

    private const string Shares = """
        CREATE TABLE share_link (
            tenant_id int NOT NULL, id text COLLATE "C" NOT NULL, token bytea NOT NULL UNIQUE, study_uid text COLLATE "C" NOT NULL,
            is_whole_patient boolean NOT NULL, patient_id text COLLATE "C" NOT NULL, issuer text COLLATE "C" NOT NULL,
            created_by text COLLATE "C" NOT NULL, expires_at bigint NOT NULL, may_download boolean NOT NULL, note text NOT NULL,
            passphrase text COLLATE "C" NOT NULL, revoked_at bigint NOT NULL, revoked_by text COLLATE "C" NOT NULL, wrong int NOT NULL,
            wrong_since bigint NOT NULL, PRIMARY KEY (tenant_id, id));
        CREATE TABLE protection_key (name text COLLATE "C" PRIMARY KEY, xml text NOT NULL);
        """;
}
