namespace VnaCloud.Index;

/// <summary>How to open an index in PostgreSQL.</summary>
public sealed record PostgresIndexOptions
{
    /// <summary>Npgsql's connection string of the primary. Several hosts may be named: the one that takes writes is used.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>A streaming replica that may answer searches when it has replayed all that the primary had written when the search began.</summary>
    public string? ReplicaConnectionString { get; init; }

    /// <summary>Make and upgrade the schema when opening; default true. Else an index with an older schema is refused.</summary>
    public bool AutoMigrate { get; init; } = true;

    /// <summary>Only look: nothing is migrated, and whatever would write throws.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Work on the index though a rebuild has begun; for the rebuild itself.</summary>
    public bool Rebuilding { get; init; }

    /// <summary>Waits and timers; the time of commits is the database's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Longest time for one statement of a search; default 5 s.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time for one statement of a commit; default 10 s.</summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait of a commit for a row that another holds; default 2 s, after which its pack is tried again alone.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Oldest pack that a commit accepts; default 6 h, a quarter of the age at which unreferenced packs are collected.</summary>
    public TimeSpan Fence { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Whether packs are queued for a second object store as they are committed; default false. The same with every server of an index.</summary>
    public bool Mirror { get; init; }

    /// <summary>Connections to the primary, from 2; default 32. A value in the connection string wins.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>Identity for a new index; random when null. Reindex passes that of the object store.</summary>
    public string? ArchiveId { get; init; }

    /// <summary>Key of the default tenant for a new index; random when null.</summary>
    public string? TenantKey { get; init; }

    /// <summary>Tests set the time of transactions; null, the database's.</summary>
    internal TimeProvider? Clock { get; init; }

    /// <summary>Tests that count round trips have nothing go on beside them.</summary>
    internal bool EarlyStatistics { get; init; } = true;
}
