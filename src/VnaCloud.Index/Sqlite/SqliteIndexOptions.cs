namespace VnaCloud.Index;

/// <summary>How to open an index in one SQLite file.</summary>
public sealed record SqliteIndexOptions
{
    /// <summary>Path of the database; it and its folder are made when they are not there.</summary>
    public required string Path { get; init; }

    /// <summary>Only look: no lock is taken, so this works beside a running server; whatever would write throws.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Longest time for one search; default 5 s.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Oldest pack that a commit accepts; default 6 h, a quarter of the age at which unreferenced packs are collected.</summary>
    public TimeSpan Fence { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Whether packs are queued for a second object store as they are committed; default false.</summary>
    public bool Mirror { get; init; }

    /// <summary>Connections for reading, from 1; default 8. Each keeps up to 4 MB of pages.</summary>
    public int Readers { get; init; } = 8;

    /// <summary>After an unclean end a database up to this size is checked before it is used; default 256 MB.</summary>
    public long CheckLimit { get; init; } = 256L << 20;

    /// <summary>Identity for a new index; random when null. Reindex passes that of the object store.</summary>
    public string? ArchiveId { get; init; }

    /// <summary>Key of the default tenant for a new index; random when null.</summary>
    public string? TenantKey { get; init; }

    /// <summary>Largest size of the database in pages of 4 KiB; 0 for no limit.</summary>
    public long MaxPages { get; init; }
}
