using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VnaCloud.Index.Migrations;

/// <summary>
/// What upkeep remembers: leases, when a pack was last read, studies to look at, retired packs, quarantine, the mirror's queue. An index that
/// was in use before is taken for complete; its packs are read first of all.
/// </summary>
[DbContext(typeof(Sqlite.SqliteIndexDb))]
[Migration(Id)]
internal sealed class M0002Upkeep : Migration
{
    internal const string Id = "0002_Upkeep";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(Queues);
        migrationBuilder.Sql(Existing);
    }

    // clean_epoch is the last epoch in which the index was known to have all that the store has.
    private const string Tables = """
        ALTER TABLE archive ADD COLUMN clean_epoch INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE pack ADD COLUMN scrubbed_at INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX pack_scrub ON pack (scrubbed_at);
        CREATE TABLE lease (
            job TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE retired_pack (
            tenant_id INTEGER NOT NULL, object_key TEXT NOT NULL, study_uid TEXT NOT NULL, length INTEGER NOT NULL, not_before INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, object_key)) WITHOUT ROWID;
        CREATE INDEX retired_pack_due ON retired_pack (not_before);
        CREATE TABLE quarantine (
            tenant_id INTEGER NOT NULL, object_key TEXT NOT NULL, origin BLOB NOT NULL, part INTEGER NOT NULL, study_uid TEXT NOT NULL,
            series_uid TEXT NOT NULL, sop_uid TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, object_key, origin, part)) WITHOUT ROWID;
        """;

    private const string Queues = """
        CREATE TABLE touched_study (
            tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, touched_at INTEGER NOT NULL, PRIMARY KEY (tenant_id, study_uid)) WITHOUT ROWID;
        CREATE INDEX touched_study_due ON touched_study (touched_at);
        CREATE TABLE mirror (id INTEGER PRIMARY KEY, object_key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL);
        """;

    private const string Existing = """
        UPDATE archive SET clean_epoch = epoch;
        INSERT INTO touched_study SELECT DISTINCT tenant_id, study_uid, 0 FROM pack;
        """;
}
