using Npgsql;

namespace VnaCloud.Index.Postgres;

/// <summary>Statements with numbered parameters, sent together.</summary>
internal static class Batches
{
    /// <summary>Adds a statement whose $1, $2, ... are <paramref name="values"/>.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value);
        }
        batch.BatchCommands.Add(command);
    }

    /// <summary>A parameter's value; its type is that of PostgreSQL which <typeparamref name="T"/> stands for.</summary>
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>One column of many rows, for unnest.</summary>
    public static NpgsqlParameter Column<TRow, T>(IReadOnlyCollection<TRow> rows, Func<TRow, T> value)
    {
        var column = new T[rows.Count];
        var i = 0;
        foreach (var row in rows)
        {
            column[i++] = value(row);
        }
        return new NpgsqlParameter<T[]> { TypedValue = column };
    }
}
