using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace VnaCloud.Index.Sqlite;

/// <summary>
/// A prepared statement that is bound, stepped and used again: the ingest and locator paths run it a million times, where a command
/// object with named parameters costs several times the statement itself. Values are read in place as spans.
/// </summary>
internal sealed class Statement : IDisposable
{
    private const uint Persistent = 1;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, sql, Persistent, out _statement), database);
    }

    /// <summary>Binds all parameters, in order; the statement starts anew.</summary>
    public Statement Bind(params ReadOnlySpan<Value> values)
    {
        raw.sqlite3_reset(_statement);
        for (var i = 0; i < values.Length; i++)
        {
            SqliteException.ThrowExceptionForRC(values[i].Bind(_statement, i + 1), _database);
        }
        return this;
    }

    /// <summary>The next row; after the last one the statement lets go of its locks.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }
        if (code != raw.SQLITE_DONE)
        {
            var error = Error();
            raw.sqlite3_reset(_statement);
            throw error;
        }
        raw.sqlite3_reset(_statement);
        return false;
    }

    /// <summary>Runs to the end; gives the rows changed.</summary>
    public int Run()
    {
        while (Step()) { }
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Whether there is a row; no row stays open.</summary>
    public bool Any()
    {
        var any = Step();
        raw.sqlite3_reset(_statement);
        return any;
    }

    /// <summary>The first column of the first row, or null.</summary>
    public long? Scalar()
    {
        long? value = Step() && !IsNull(0) ? Int64(0) : null;
        raw.sqlite3_reset(_statement);
        return value;
    }

    /// <summary>Lets go of the current row and its locks.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public int Int32(int column) => (int)raw.sqlite3_column_int64(_statement, column);

    public int? NullableInt32(int column) => IsNull(column) ? null : Int32(column);

    /// <summary>The bytes of a blob or, in UTF-8, of a text; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column)
    {
        var bytes = Bytes(column);
        return bytes.IsEmpty ? "" : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A text that is often the same as <paramref name="last"/>: then no new string is made.</summary>
    public string Text(int column, string last)
    {
        var bytes = Bytes(column);
        return Encoding.UTF8.GetByteCount(last) == bytes.Length && Matches(bytes, last) ? last : Encoding.UTF8.GetString(bytes);
    }

    public void Dispose() => _statement.Dispose();

    private static bool Matches(ReadOnlySpan<byte> utf8, string text)
    {
        if (utf8.Length != text.Length)
        {
            return false; // not ASCII: not one of the texts that repeat
        }
        for (var i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] != text[i])
            {
                return false;
            }
        }
        return true;
    }

    private SqliteException Error()
    {
        var extended = raw.sqlite3_extended_errcode(_database);
        return new SqliteException(raw.sqlite3_errmsg(_database).utf8_to_string(), extended & 0xFF, extended);
    }
}
