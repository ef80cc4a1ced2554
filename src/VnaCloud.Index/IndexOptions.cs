namespace VnaCloud.Index;

/// <summary>Where the index is: the settings <c>Vna:Index</c>, the same for the server and the command line.</summary>
public sealed class IndexOptions
{
    /// <summary>Default Sqlite.</summary>
    public IndexProvider Provider { get; init; } = IndexProvider.Sqlite;

    /// <summary>Sqlite: default a file in the data folder. Postgres: as Npgsql writes it, for example <c>Host=db;Database=vna;Username=vna</c>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>A streaming replica that may answer searches, when it has what the primary had at the start of the request. Default none.</summary>
    public string? ReplicaConnectionString { get; init; }

    /// <summary>Whether the server makes and upgrades the schema when it starts. Default true; false where <c>vna migrate-schema</c> does it.</summary>
    public bool AutoMigrate { get; init; } = true;

    /// <summary>A sentence for everything that cannot be.</summary>
    public IEnumerable<string> Problems()
    {
        if (this is { Provider: IndexProvider.Postgres, ConnectionString: null or "" })
        {
            yield return "Vna:Index:Provider=Postgres needs Vna:Index:ConnectionString, such as Host=db;Database=vna;Username=vna.";
        }
    }

    /// <summary>The file of a SQLite index.</summary>
    /// <param name="dataFolder">Where it is by default.</param>
    public string SqlitePath(string dataFolder)
    {
        const string prefix = "Data Source=";
        return ConnectionString is { } text && text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            ? Path.GetFullPath(text[prefix.Length..].Split(';')[0])
            : Path.Combine(Path.GetFullPath(dataFolder), "index.db");
    }
}

/// <summary>Kinds of indexes.</summary>
public enum IndexProvider
{
    /// <summary>A file.</summary>
    Sqlite,

    /// <summary>A database for any number of servers.</summary>
    Postgres,
}
