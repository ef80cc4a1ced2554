using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VnaCloud.Index.Migrations;

/// <summary>
/// The first schema. Every key starts with the tenant, and below it with the study: a study's rows lie together on disk. Text compares
/// bytewise (BINARY is SQLite's default), absent text is '', times are Unix milliseconds.
/// </summary>
[DbContext(typeof(Sqlite.SqliteIndexDb))]
[Migration(Id)]
internal sealed class M0001Initial : Migration
{
    internal const string Id = "0001_Initial";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Archive);
        migrationBuilder.Sql(Study);
        migrationBuilder.Sql(Series);
        migrationBuilder.Sql(Instance);
        migrationBuilder.Sql(Pack);
        migrationBuilder.Sql(Log);
        migrationBuilder.Sql(Statistics);
    }

    // version is the last content version that was given out, in any study: it never comes back, not even after a study was
    // deleted and stored again, so that caches keyed by (study, version) cannot answer with what was there before.
    private const string Archive = """
        CREATE TABLE archive (
            id INTEGER PRIMARY KEY CHECK (id = 1), archive_id TEXT NOT NULL, epoch INTEGER NOT NULL, last_decision BLOB NOT NULL);
        CREATE TABLE tenant (
            tenant_id INTEGER PRIMARY KEY, tenant_key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, studies INTEGER NOT NULL,
            series INTEGER NOT NULL, instances INTEGER NOT NULL, packs INTEGER NOT NULL, version INTEGER NOT NULL,
            change_seq INTEGER NOT NULL);
        """;

    // study keeps its row id: its secondary indexes then hold eight bytes instead of a UID, and an OFFSET skips in the index alone.
    // The orders of the keys are those of the answers. At most six indexes.
    private const string Study = """
        CREATE TABLE patient (
            tenant_id INTEGER NOT NULL, patient_key TEXT NOT NULL, issuer TEXT NOT NULL, patient_id TEXT NOT NULL, name TEXT NOT NULL,
            birth_date TEXT NOT NULL, sex TEXT NOT NULL, studies INTEGER NOT NULL, PRIMARY KEY (tenant_id, patient_key)) WITHOUT ROWID;
        CREATE TABLE study (
            tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, study_date TEXT NOT NULL, study_time TEXT NOT NULL,
            accession_number TEXT NOT NULL, referring_physician_name TEXT NOT NULL, study_description TEXT NOT NULL,
            study_id TEXT NOT NULL, timezone_offset TEXT NOT NULL, patient_name TEXT NOT NULL, patient_id TEXT NOT NULL,
            issuer_of_patient_id TEXT NOT NULL, patient_birth_date TEXT NOT NULL, patient_sex TEXT NOT NULL, modalities TEXT NOT NULL,
            series_count INTEGER NOT NULL, instance_count INTEGER NOT NULL, bytes INTEGER NOT NULL, version INTEGER NOT NULL,
            first_origin BLOB NOT NULL, first_series_uid TEXT NOT NULL, first_sop_uid TEXT NOT NULL,
            PRIMARY KEY (tenant_id, study_uid));
        CREATE INDEX study_order ON study (tenant_id, study_date DESC, study_time DESC, study_uid);
        CREATE INDEX study_patient ON study (tenant_id, patient_id, issuer_of_patient_id, first_origin);
        CREATE INDEX study_accession ON study (tenant_id, accession_number);
        CREATE INDEX study_study_id ON study (tenant_id, study_id);
        CREATE INDEX study_birth_date ON study (tenant_id, patient_birth_date);
        CREATE TABLE study_modality (
            tenant_id INTEGER NOT NULL, modality TEXT NOT NULL, study_date TEXT NOT NULL, study_time TEXT NOT NULL, study_uid TEXT NOT NULL,
            PRIMARY KEY (tenant_id, modality, study_date DESC, study_time DESC, study_uid)) WITHOUT ROWID;
        CREATE TABLE study_word (
            tenant_id INTEGER NOT NULL, kind INTEGER NOT NULL, fold TEXT NOT NULL, study_date TEXT NOT NULL, study_time TEXT NOT NULL,
            study_uid TEXT NOT NULL, PRIMARY KEY (tenant_id, kind, fold, study_date DESC, study_time DESC, study_uid)) WITHOUT ROWID;
        """;

    private const string Series = """
        CREATE TABLE series (
            tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, modality TEXT NOT NULL,
            series_number TEXT NOT NULL, series_order INTEGER NOT NULL, series_description TEXT NOT NULL, body_part_examined TEXT NOT NULL,
            institution_name TEXT NOT NULL, station_name TEXT NOT NULL, performed_procedure_step_start_date TEXT NOT NULL,
            performed_procedure_step_start_time TEXT NOT NULL, instance_count INTEGER NOT NULL, first_origin BLOB NOT NULL,
            first_sop_uid TEXT NOT NULL, PRIMARY KEY (tenant_id, study_uid, series_uid)) WITHOUT ROWID;
        CREATE INDEX series_uid ON series (tenant_id, series_uid);
        CREATE TABLE series_request (
            tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, item INTEGER NOT NULL,
            scheduled_procedure_step_id TEXT NOT NULL, requested_procedure_id TEXT NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, series_uid, item)) WITHOUT ROWID;
        CREATE INDEX series_request_step ON series_request (tenant_id, scheduled_procedure_step_id);
        CREATE INDEX series_request_procedure ON series_request (tenant_id, requested_procedure_id);
        CREATE TABLE attribute_set (
            tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, set_id INTEGER NOT NULL,
            live_count INTEGER NOT NULL, min_origin BLOB NOT NULL, json BLOB NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, series_uid, set_id)) WITHOUT ROWID;
        """;

    // Clustered by the primary key: a series is read front to back. deleted_instance has the same columns and two more.
    private const string InstanceColumns = """
        tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, sop_uid TEXT NOT NULL, origin BLOB NOT NULL,
            set_id INTEGER NOT NULL, sop_class_uid TEXT NOT NULL, transfer_syntax_uid TEXT NOT NULL, instance_number TEXT NOT NULL,
            instance_order INTEGER NOT NULL, image_rows INTEGER, image_columns INTEGER, bits_allocated INTEGER, number_of_frames INTEGER,
            data_pack INTEGER NOT NULL, data_offset INTEGER NOT NULL, data_length INTEGER NOT NULL, metadata_pack INTEGER NOT NULL,
            metadata_offset INTEGER NOT NULL, segments BLOB NOT NULL, frame_layout INTEGER NOT NULL, frame_count INTEGER NOT NULL,
            pixel_offset INTEGER NOT NULL, pixel_length INTEGER NOT NULL, frame_length INTEGER NOT NULL, table_offset INTEGER NOT NULL,
            first_frame_offset INTEGER NOT NULL, first_frame_length INTEGER NOT NULL, first_frame_fragments INTEGER NOT NULL,
            file_digest BLOB NOT NULL, content_digest BLOB NOT NULL
        """;

    private const string Instance = $"""
        CREATE TABLE instance (
            {InstanceColumns},
            PRIMARY KEY (tenant_id, study_uid, series_uid, sop_uid)) WITHOUT ROWID;
        CREATE INDEX instance_sop ON instance (tenant_id, sop_uid);
        CREATE TABLE deleted_instance (
            {InstanceColumns},
            deleted_at INTEGER NOT NULL, decision BLOB NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, series_uid, sop_uid, origin)) WITHOUT ROWID;
        """;

    private const string Pack = """
        CREATE TABLE pack (
            tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, pack_id INTEGER NOT NULL, ulid BLOB NOT NULL, object_key TEXT NOT NULL,
            length INTEGER NOT NULL, PRIMARY KEY (tenant_id, study_uid, pack_id)) WITHOUT ROWID;
        CREATE UNIQUE INDEX pack_key ON pack (tenant_id, object_key);
        """;

    private const string Log = """
        CREATE TABLE ingest_batch (
            tenant_id INTEGER NOT NULL, study_uid TEXT NOT NULL, batch BLOB NOT NULL, pack BLOB NOT NULL, actor TEXT NOT NULL,
            address TEXT NOT NULL, request_id TEXT NOT NULL, received_at INTEGER NOT NULL, committed_at INTEGER NOT NULL,
            stored INTEGER NOT NULL, duplicates INTEGER NOT NULL, conflicts INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, batch, pack)) WITHOUT ROWID;
        CREATE TABLE change (
            tenant_id INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, study_uid TEXT NOT NULL,
            series_uid TEXT NOT NULL, sop_uid TEXT NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, epoch, seq)) WITHOUT ROWID;
        CREATE TABLE outbox (
            tenant_id INTEGER NOT NULL, decision BLOB NOT NULL, kind INTEGER NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL,
            sop_uid TEXT NOT NULL, origin BLOB NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY (tenant_id, decision)) WITHOUT ROWID;
        """;

    // What ANALYZE would find in a large archive: rows, then rows for each value of the key's first column, first two, ... Given once
    // instead of measured now and then, so that a statement has one plan, whatever the archive holds today and however it grew.
    private const string Statistics = """
        ANALYZE sqlite_schema;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('study', 'sqlite_autoindex_study_1', '1000000 1000000 1'),
            ('study', 'study_order', '1000000 1000000 300 2 1'),
            ('study', 'study_patient', '1000000 1000000 5 5 1'),
            ('study', 'study_accession', '1000000 1000000 2'),
            ('study', 'study_study_id', '1000000 1000000 20'),
            ('study', 'study_birth_date', '1000000 1000000 30'),
            ('study_modality', 'study_modality', '1200000 1200000 100000 100 2 1'),
            ('study_word', 'study_word', '8000000 8000000 1000000 10 2 1 1'),
            ('series', 'series', '4000000 4000000 4 1'),
            ('series', 'series_uid', '4000000 4000000 1'),
            ('series_request', 'series_request', '4000000 4000000 4 1 1'),
            ('series_request', 'series_request_step', '4000000 4000000 4'),
            ('series_request', 'series_request_procedure', '4000000 4000000 4'),
            ('instance', 'instance', '1000000000 1000000000 250 60 1'),
            ('instance', 'instance_sop', '1000000000 1000000000 1'),
            ('pack', 'pack', '2000000 2000000 2 1'),
            ('pack', 'pack_key', '2000000 2000000 1');
        """;
}
