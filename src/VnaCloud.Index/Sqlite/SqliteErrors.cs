using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace VnaCloud.Index.Sqlite;

/// <summary>Which of SQLite's errors are the disk's and not a statement's.</summary>
internal static class SqliteErrors
{
    public static bool IsInterrupted(SqliteException error) => error.SqliteErrorCode == raw.SQLITE_INTERRUPT;

    /// <summary>Trouble that hits every pack alike, as an <see cref="IOException"/>; null for an error of the statement or its values.</summary>
    public static IOException? AsDiskTrouble(SqliteException error) => error.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => new IndexFullException(error),
        raw.SQLITE_IOERR when IsGrowth(error.SqliteExtendedErrorCode) => new IndexFullException(error),
        raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY
            => new IOException("The index cannot be read or written.", error),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new IOException("The index is locked by another program.", error),
        _ => null,
    };

    // A full disk shows itself as one of these where a file has to grow.
    private static bool IsGrowth(int extended) =>
        extended is raw.SQLITE_IOERR_WRITE or raw.SQLITE_IOERR_TRUNCATE or raw.SQLITE_IOERR_SHMSIZE or raw.SQLITE_IOERR_SHMMAP;
}
