using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>A transaction of SQLite's one writer.</summary>
internal sealed class IndexTransaction(SqliteSession session, DateTimeOffset now) : IngestTransaction(new SqliteRows(session, now), now)
{
    public SqliteSession Session => session;
}
