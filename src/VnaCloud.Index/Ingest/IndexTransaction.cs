using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>A transaction of SQLite's one writer.</summary>
internal sealed class IndexTransaction(SqliteSession session, DateTimeOffset now, Action<string>? onPack = null)
    : IngestTransaction(new SqliteRows(session, now, onPack), now)
{
    public SqliteSession Session => session;
}
