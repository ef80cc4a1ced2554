using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Index;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>An index that can be lost: opened again, put back to an earlier state, or rebuilt, as its operator would do it.</summary>
internal interface ISimulatedIndex : IAsyncDisposable
{
    IRebuildableIndex Index { get; }

    /// <summary>Closes and opens it.</summary>
    Task ReopenAsync();

    /// <summary>Makes a backup; it replaces the one before.</summary>
    Task BackupAsync();

    /// <summary>Puts the backup in the place of the index; false where there is none.</summary>
    Task<bool> RestoreAsync();

    /// <summary>As "vna reindex": null where faults stopped it half way.</summary>
    Task<ReindexReport?> RebuildAsync(Rebuild rebuild);
}

/// <summary>What a rebuild works with.</summary>
internal sealed record Rebuild(IObjectStore Store, Faults Faults, RisingTime Time)
{
    public const string ArchiveId = "simulation", TenantKey = "sim";

    /// <summary>After the real day on which a database is made: its decision ids begin with that.</summary>
    public static readonly DateTimeOffset Start = new(2040, 3, 14, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Decisions that only the index has go into the journal.</summary>
    public async Task FlushAsync(IArchiveIndex index)
    {
        using var writer = new JournalWriter(Store, index, TenantKey, Time);
        await writer.FlushAsync(TenantId.Default, default);
    }

    /// <summary>Fills an empty index.</summary>
    public async Task<ReindexReport> FillAsync(IRebuildableIndex index)
    {
        var journal = await JournalReader.ReadAsync(Store, TenantKey, default);
        var faulty = new FaultyIndex(() => index, Faults);
        if (journal.Damaged.Count > 0)
        {
            throw new IOException("The journal cannot be read: vna reindex refuses.");
        }
        await index.BeginEpochAsync(journal.LastId, default);
        return await new Reindexer(Store, faulty, faulty.AdoptDeletedAsync, TenantKey).RunAsync(journal, _ => { }, default);
    }
}
