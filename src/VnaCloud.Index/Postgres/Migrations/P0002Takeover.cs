using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VnaCloud.Index.Postgres.Migrations;

/// <summary>
/// Lets the index know when another copy of the database has taken over, and programs know whether a newer schema is one for them. Only adds
/// tables: a server that knows the first schema alone goes on working.
/// </summary>
[DbContext(typeof(PostgresIndexDb))]
[Migration(Id)]
internal sealed class P0002Takeover : Migration
{
    internal const string Id = "0002_Takeover";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Compatibility);
        migrationBuilder.Sql(Timeline);
    }

    // minimum is the last migration that a program must know to work on this schema (docs/adr/0011): a migration that takes something away
    // raises it, one that only adds leaves it.
    private const string Compatibility = $"""
        CREATE TABLE schema_compatibility (id int PRIMARY KEY CHECK (id = 1), minimum text COLLATE "C" NOT NULL);
        INSERT INTO schema_compatibility VALUES (1, '{P0001Initial.Id}');
        """;

    // timeline is the one that was written to last; begun_epoch the epoch that began when it took over from another (0: it never did),
    // known_decision the last decision that it had then, own_version the first content version of its own.
    private const string Timeline = $"""
        CREATE TABLE takeover (
            id int PRIMARY KEY CHECK (id = 1), timeline text COLLATE "C" NOT NULL, begun_epoch bigint NOT NULL, known_decision bytea NOT NULL,
            own_version bigint NOT NULL);
        INSERT INTO takeover VALUES (1, {Postgres.Takeover.Timeline}, 0, {Postgres.Takeover.NoDecision}, 0);
        """;
}
