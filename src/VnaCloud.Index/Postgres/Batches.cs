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

    /// <summary>Settings, local to a transaction, for statements that go key by key.</summary>
    public const string KeyByKey = """
        set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
            set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
            set_config('jit', 'off', true)
        """;

    /// <summary>
    /// The statements behind this one go key by key: planned once for a connection, since planning a lookup over all partitions takes longer
    /// than the lookup; and not otherwise by a planner that has not seen statistics yet. Gives one row.
    /// </summary>
    public static void PlanKeyByKey(this NpgsqlBatch batch) => batch.Add($"SELECT {KeyByKey}");

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
