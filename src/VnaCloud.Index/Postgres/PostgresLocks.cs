using VnaCloud.Archive;

namespace VnaCloud.Index.Postgres;

/// <summary>Advisory locks of the database; the first four bytes are "VNAC".</summary>
internal static class PostgresLocks
{
    /// <summary>Held while the schema is made or upgraded.</summary>
    public const long Migrating = 0x564E_4143_0000_0001;

    /// <summary>Held, shared, by each transaction that writes.</summary>
    public const long Writing = 0x564E_4143_0000_0002;

    /// <summary>Held by the one process that rebuilds the index.</summary>
    public const long Rebuild = 0x564E_4143_0000_0003;

    public static IndexUnavailableException Rebuilding() =>
        new("The index is being rebuilt, or a rebuild was stopped: run 'vna reindex' to its end.", TimeSpan.FromSeconds(30));
}
