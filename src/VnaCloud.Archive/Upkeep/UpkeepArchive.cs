namespace VnaCloud.Archive;

/// <summary>The parts of one archive that upkeep works with.</summary>
/// <param name="Store">The objects.</param>
/// <param name="Index">The index.</param>
/// <param name="Upkeep">The same index.</param>
/// <param name="Journal">Writes down what adopting decides.</param>
/// <param name="TenantKey">The tenant's part of object keys.</param>
/// <param name="Time">The clock.</param>
/// <param name="Options">When and how much.</param>
public sealed record UpkeepArchive(IObjectStore Store, IArchiveIndex Index, IUpkeepIndex Upkeep, JournalWriter Journal, string TenantKey, TimeProvider Time, UpkeepOptions Options)
{
    /// <summary>Brings an object back from a second store, in place; false where it cannot. Null without a mirror.</summary>
    public Func<string, CancellationToken, Task<bool>>? Repair { get; init; }

    /// <summary>Called between the steps of a job, so that a test can end it there.</summary>
    internal Func<UpkeepStep, string, Task> OnStep { get; init; } = static (_, _) => Task.CompletedTask;

    internal PacedStore Paced() => new(Store, Options.BytesPerSecond, Time);

    internal string PackPrefix => PackFormat.PackPrefix(TenantKey);
}

/// <summary>Places where a process may die.</summary>
internal enum UpkeepStep
{
    /// <summary>A compacted pack is durable.</summary>
    Written,

    /// <summary>It was read back and is what it should be.</summary>
    Verified,

    /// <summary>The index refers to it.</summary>
    Swapped,

    /// <summary>An object is deleted, its row is not.</summary>
    Deleted,
}
