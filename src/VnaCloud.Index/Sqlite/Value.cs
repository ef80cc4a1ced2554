using SQLitePCL;

namespace VnaCloud.Index.Sqlite;

/// <summary>A parameter's value: integer, text, blob or NULL.</summary>
internal readonly record struct Value
{
    private readonly long _integer;
    private readonly object? _object;
    private readonly bool _isNull;

    private Value(long integer, object? value, bool isNull) => (_integer, _object, _isNull) = (integer, value, isNull);

    public static implicit operator Value(long value) => new(value, null, false);

    public static implicit operator Value(int value) => new(value, null, false);

    public static implicit operator Value(int? value) => new(value ?? 0, null, value is null);

    public static implicit operator Value(string value) => new(0, value, false);

    public static implicit operator Value(byte[] value) => new(0, value, false);

    /// <summary>NUL ends a text for half of SQLite's functions, so it becomes U+FFFD here, whatever came in.</summary>
    public int Bind(sqlite3_stmt statement, int index) => _object switch
    {
        string text => raw.sqlite3_bind_text(statement, index, text.Contains('\0') ? text.Replace('\0', '\uFFFD') : text),
        byte[] blob => raw.sqlite3_bind_blob(statement, index, blob),
        _ => _isNull ? raw.sqlite3_bind_null(statement, index) : raw.sqlite3_bind_int64(statement, index, _integer),
    };
}
