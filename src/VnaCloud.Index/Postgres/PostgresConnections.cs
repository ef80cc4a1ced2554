using Npgsql;

namespace VnaCloud.Index.Postgres;

/// <summary>Data sources with the limits that an archive needs; what the connection string says itself is left.</summary>
internal static class PostgresConnections
{
    /// <summary>Longest wait for a connection to the primary, in seconds.</summary>
    private const int ConnectSeconds = 5;

    /// <summary>A replica that does not answer costs a search no more than this, in seconds.</summary>
    private const int ReplicaConnectSeconds = 1;

    public static NpgsqlDataSource Primary(PostgresIndexOptions options) => Build("primary", options.ConnectionString, ConnectSeconds, options);

    public static NpgsqlDataSource? Replica(PostgresIndexOptions options) =>
        string.IsNullOrWhiteSpace(options.ReplicaConnectionString) ? null : Build("replica", options.ReplicaConnectionString, ReplicaConnectSeconds, options);

    private static NpgsqlDataSource Build(string name, string connectionString, int connectSeconds, PostgresIndexOptions options)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name }; // else metrics are told apart by the connection string
        var settings = builder.ConnectionStringBuilder;
        var given = new HashSet<string>(settings.Keys.Cast<string>(), StringComparer.OrdinalIgnoreCase);
        void Default(string key, object value)
        {
            if (!given.Contains(key))
            {
                settings[key] = value;
            }
        }
        Default("Timeout", connectSeconds);
        // The server's own limits come first; this one is for a server that does not answer at all.
        Default("Command Timeout", (int)options.CommitTimeout.TotalSeconds);
        Default("Cancellation Timeout", 1_000);
        Default("Max Auto Prepare", 100);
        Default("Auto Prepare Min Usages", 2);
        Default("Maximum Pool Size", options.MaxConnections);
        // Settings are local to transactions, so there is nothing to reset.
        Default("No Reset On Close", true);
        Default("Application Name", "vnacloud");
        Default("TCP Keepalive", true);
        // A standby that was promoted is to be found at once.
        Default("Host Recheck Seconds", 1);
        settings.Enlist = false;
        settings.IncludeErrorDetail = false; // details repeat values, and values are patients'
        if (!IsMultiHost(settings))
        {
            return builder.Build();
        }
        // Of several hosts only the one that takes writes can be the primary, also after it has changed. Npgsql wants that said here alone.
        settings.Remove("Target Session Attributes");
        return builder.BuildMultiHost().WithTargetSession(connectSeconds == ConnectSeconds ? TargetSessionAttributes.ReadWrite : TargetSessionAttributes.PreferStandby);
    }

    /// <summary>For a connection of its own, past the data source: to the host that takes writes.</summary>
    public static NpgsqlConnectionStringBuilder Single(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        if (IsMultiHost(settings))
        {
            settings.TargetSessionAttributes = "read-write";
        }
        return settings;
    }

    private static bool IsMultiHost(NpgsqlConnectionStringBuilder settings) => settings.Host?.Contains(',', StringComparison.Ordinal) == true;
}
