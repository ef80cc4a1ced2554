using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VnaCloud.Index.Postgres.Migrations;

/// <summary>
/// The first schema. Every key starts with the tenant, and below it with the study, so that a study's rows lie together on one partition,
/// shard or cell. Text compares bytewise (COLLATE "C"), absent text is '', times are Unix milliseconds.
/// </summary>
[DbContext(typeof(PostgresIndexDb))]
[Migration(Id)]
internal sealed class P0001Initial : Migration
{
    internal const string Id = "0001_Initial";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Archive);
        migrationBuilder.Sql(Study);
        migrationBuilder.Sql(Series);
        migrationBuilder.Sql(Instance);
        migrationBuilder.Sql(Pack);
        migrationBuilder.Sql(Upkeep);
        migrationBuilder.Sql(Log);
    }

    // content_version gives content versions and, as their time, decision ids: microseconds of the day it was made, and from there on one
    // for each transaction. It never goes back, not even after a study was deleted and stored again, so that caches keyed by
    // (study, version) cannot answer with what was there before. Totals are spread over slots, since a single row would be the one lock
    // that every commit waits for; the last decision likewise. clean_epoch is the last epoch in which the index was known to have all that
    // the store has.
    private const string Archive = """
        CREATE SEQUENCE content_version;
        SELECT setval('content_version', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
        CREATE TABLE archive (
            id int PRIMARY KEY CHECK (id = 1), archive_id text COLLATE "C" NOT NULL, epoch bigint NOT NULL, rebuilding boolean NOT NULL,
            clean_epoch bigint NOT NULL DEFAULT 0);
        CREATE TABLE last_decision (slot int PRIMARY KEY, decision bytea NOT NULL);
        CREATE TABLE tenant (tenant_id int PRIMARY KEY, tenant_key text COLLATE "C" NOT NULL UNIQUE, name text NOT NULL);
        CREATE TABLE tenant_count (
            tenant_id int NOT NULL, slot int NOT NULL, studies bigint NOT NULL, series bigint NOT NULL, instances bigint NOT NULL,
            packs bigint NOT NULL, PRIMARY KEY (tenant_id, slot)) WITH (fillfactor = 10);
        """;

    // The orders of the keys are those of the answers; one index must give a whole list in order, so these tables have no partitions.
    // moved is the content version of the last compaction: places may have changed since a version that is older. At most six indexes on study. Room in its pages lets the update of a count stay in its page and out of the indexes.
    private const string Study = """
        CREATE TABLE patient (
            tenant_id int NOT NULL, patient_key text COLLATE "C" NOT NULL, issuer text COLLATE "C" NOT NULL,
            patient_id text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, birth_date text COLLATE "C" NOT NULL,
            sex text COLLATE "C" NOT NULL, studies bigint NOT NULL, PRIMARY KEY (tenant_id, patient_key));
        CREATE TABLE study (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL,
            study_date text COLLATE "C" NOT NULL DEFAULT '', study_time text COLLATE "C" NOT NULL DEFAULT '',
            accession_number text COLLATE "C" NOT NULL DEFAULT '', referring_physician_name text COLLATE "C" NOT NULL DEFAULT '',
            study_description text COLLATE "C" NOT NULL DEFAULT '', study_id text COLLATE "C" NOT NULL DEFAULT '',
            timezone_offset text COLLATE "C" NOT NULL DEFAULT '', patient_name text COLLATE "C" NOT NULL DEFAULT '',
            patient_id text COLLATE "C" NOT NULL DEFAULT '', issuer_of_patient_id text COLLATE "C" NOT NULL DEFAULT '',
            patient_birth_date text COLLATE "C" NOT NULL DEFAULT '', patient_sex text COLLATE "C" NOT NULL DEFAULT '',
            modalities text COLLATE "C" NOT NULL DEFAULT '', series_count int NOT NULL DEFAULT 0, instance_count int NOT NULL DEFAULT 0,
            bytes bigint NOT NULL DEFAULT 0, version bigint NOT NULL DEFAULT 0, first_origin bytea NOT NULL DEFAULT '\x',
            first_series_uid text COLLATE "C" NOT NULL DEFAULT '', first_sop_uid text COLLATE "C" NOT NULL DEFAULT '',
            moved bigint NOT NULL DEFAULT 0, PRIMARY KEY (tenant_id, study_uid)) WITH (fillfactor = 80);
        CREATE INDEX study_order ON study (tenant_id, study_date DESC, study_time DESC, study_uid);
        CREATE INDEX study_patient ON study (tenant_id, patient_id, issuer_of_patient_id, first_origin);
        CREATE INDEX study_accession ON study (tenant_id, accession_number);
        CREATE INDEX study_study_id ON study (tenant_id, study_id);
        CREATE INDEX study_birth_date ON study (tenant_id, patient_birth_date);
        CREATE TABLE study_modality (
            tenant_id int NOT NULL, modality text COLLATE "C" NOT NULL, study_date text COLLATE "C" NOT NULL,
            study_time text COLLATE "C" NOT NULL, study_uid text COLLATE "C" NOT NULL);
        CREATE UNIQUE INDEX study_modality_key ON study_modality (tenant_id, modality, study_date DESC, study_time DESC, study_uid);
        CREATE TABLE study_word (
            tenant_id int NOT NULL, kind int NOT NULL, fold text COLLATE "C" NOT NULL, study_date text COLLATE "C" NOT NULL,
            study_time text COLLATE "C" NOT NULL, study_uid text COLLATE "C" NOT NULL);
        CREATE UNIQUE INDEX study_word_key ON study_word (tenant_id, kind, fold, study_date DESC, study_time DESC, study_uid);
        """;

    private const string Series = """
        CREATE TABLE series (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, series_uid text COLLATE "C" NOT NULL,
            modality text COLLATE "C" NOT NULL, series_number text COLLATE "C" NOT NULL, series_order bigint NOT NULL,
            series_description text COLLATE "C" NOT NULL, body_part_examined text COLLATE "C" NOT NULL,
            institution_name text COLLATE "C" NOT NULL, station_name text COLLATE "C" NOT NULL,
            performed_procedure_step_start_date text COLLATE "C" NOT NULL, performed_procedure_step_start_time text COLLATE "C" NOT NULL,
            instance_count int NOT NULL, first_origin bytea NOT NULL, first_sop_uid text COLLATE "C" NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, series_uid)) WITH (fillfactor = 80);
        CREATE INDEX series_uid ON series (tenant_id, series_uid);
        CREATE TABLE series_request (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, series_uid text COLLATE "C" NOT NULL, item int NOT NULL,
            scheduled_procedure_step_id text COLLATE "C" NOT NULL, requested_procedure_id text COLLATE "C" NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, series_uid, item));
        CREATE INDEX series_request_step ON series_request (tenant_id, scheduled_procedure_step_id);
        CREATE INDEX series_request_procedure ON series_request (tenant_id, requested_procedure_id);
        CREATE TABLE attribute_set (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, series_uid text COLLATE "C" NOT NULL, set_id bigint NOT NULL,
            live_count bigint NOT NULL, min_origin bytea NOT NULL, json bytea NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, series_uid, set_id)) WITH (fillfactor = 80);
        """;

    // The only tables that grow to billions of rows, and so the only ones with partitions: a statement locks every partition and index of
    // each table in its plan, and PostgreSQL's table of locks is small. deleted_instance has the same columns and two more.
    private const string InstanceColumns = """
        tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, series_uid text COLLATE "C" NOT NULL, sop_uid text COLLATE "C" NOT NULL,
            origin bytea NOT NULL, set_id bigint NOT NULL, sop_class_uid text COLLATE "C" NOT NULL,
            transfer_syntax_uid text COLLATE "C" NOT NULL, instance_number text COLLATE "C" NOT NULL, instance_order bigint NOT NULL,
            image_rows int, image_columns int, bits_allocated int, number_of_frames int, data_pack bigint NOT NULL,
            data_offset bigint NOT NULL, data_length bigint NOT NULL, metadata_pack bigint NOT NULL, metadata_offset bigint NOT NULL,
            segments bytea NOT NULL, frame_layout int NOT NULL, frame_count int NOT NULL, pixel_offset bigint NOT NULL,
            pixel_length bigint NOT NULL, frame_length bigint NOT NULL, table_offset bigint NOT NULL, first_frame_offset bigint NOT NULL,
            first_frame_length bigint NOT NULL, first_frame_fragments int NOT NULL, file_digest bytea NOT NULL, content_digest bytea NOT NULL
        """;

    private const string Instance = $"""
        CREATE TABLE instance (
            {InstanceColumns},
            PRIMARY KEY (tenant_id, study_uid, series_uid, sop_uid)) PARTITION BY HASH (study_uid);
        CREATE INDEX instance_sop ON instance (tenant_id, sop_uid);
        CREATE TABLE deleted_instance (
            {InstanceColumns},
            deleted_at bigint NOT NULL, decision bytea NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, series_uid, sop_uid, origin)) PARTITION BY HASH (study_uid);
        DO $$ BEGIN
            FOR part IN 0..15 LOOP
                EXECUTE format('CREATE TABLE instance_%s PARTITION OF instance FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
                EXECUTE format('CREATE TABLE deleted_instance_%s PARTITION OF deleted_instance FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
            END LOOP;
        END $$;
        """;

    private const string Pack = """
        CREATE TABLE pack (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, pack_id bigint NOT NULL, ulid bytea NOT NULL,
            object_key text COLLATE "C" NOT NULL, length bigint NOT NULL, scrubbed_at bigint NOT NULL, PRIMARY KEY (tenant_id, study_uid, pack_id));
        CREATE UNIQUE INDEX pack_key ON pack (tenant_id, object_key);
        CREATE INDEX pack_scrub ON pack (scrubbed_at);
        CREATE TABLE retired_pack (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, object_key text COLLATE "C" NOT NULL, length bigint NOT NULL,
            not_before bigint NOT NULL, PRIMARY KEY (tenant_id, study_uid, object_key));
        CREATE UNIQUE INDEX retired_pack_key ON retired_pack (tenant_id, object_key);
        CREATE INDEX retired_pack_due ON retired_pack (not_before);
        """;

    // What upkeep remembers.
    private const string Upkeep = """
        CREATE TABLE lease (job text COLLATE "C" PRIMARY KEY, holder text COLLATE "C" NOT NULL, fence bigint NOT NULL, expires_at bigint NOT NULL);
        CREATE TABLE quarantine (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, object_key text COLLATE "C" NOT NULL, origin bytea NOT NULL,
            part int NOT NULL, series_uid text COLLATE "C" NOT NULL, sop_uid text COLLATE "C" NOT NULL, reason text NOT NULL,
            at bigint NOT NULL, PRIMARY KEY (tenant_id, study_uid, object_key, origin, part));
        CREATE INDEX quarantine_order ON quarantine (at, object_key);
        CREATE TABLE touched_study (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, touched_at bigint NOT NULL, PRIMARY KEY (tenant_id, study_uid));
        CREATE INDEX touched_study_due ON touched_study (touched_at);
        CREATE TABLE mirror (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, object_key text COLLATE "C" NOT NULL UNIQUE, at bigint NOT NULL);
        """;

    // change rows get their seq later, when no transaction is under way that could still commit before them.
    private const string Log = """
        CREATE TABLE ingest_batch (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, batch bytea NOT NULL, pack bytea NOT NULL, actor text NOT NULL,
            address text NOT NULL, request_id text NOT NULL, received_at bigint NOT NULL, committed_at bigint NOT NULL,
            stored int NOT NULL, duplicates int NOT NULL, conflicts int NOT NULL, PRIMARY KEY (tenant_id, study_uid, batch, pack));
        CREATE TABLE change (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, version bigint NOT NULL, ordinal int NOT NULL,
            xid xid8 NOT NULL DEFAULT pg_current_xact_id(), epoch bigint NOT NULL, seq bigint, kind int NOT NULL,
            series_uid text COLLATE "C" NOT NULL, sop_uid text COLLATE "C" NOT NULL, at bigint NOT NULL,
            PRIMARY KEY (tenant_id, study_uid, version, ordinal));
        CREATE UNIQUE INDEX change_seq ON change (tenant_id, epoch, seq) WHERE seq IS NOT NULL;
        CREATE INDEX change_unnumbered ON change (tenant_id, epoch, xid, ordinal) WHERE seq IS NULL;
        CREATE TABLE change_head (tenant_id int PRIMARY KEY, last_seq bigint NOT NULL);
        CREATE TABLE outbox (
            tenant_id int NOT NULL, study_uid text COLLATE "C" NOT NULL, decision bytea NOT NULL, kind int NOT NULL,
            series_uid text COLLATE "C" NOT NULL, sop_uid text COLLATE "C" NOT NULL, origin bytea NOT NULL, at bigint NOT NULL,
            reason text NOT NULL, PRIMARY KEY (tenant_id, study_uid, decision));
        CREATE INDEX outbox_order ON outbox (tenant_id, decision);
        """;
}
