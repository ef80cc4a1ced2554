using System.ComponentModel.DataAnnotations;
using VnaCloud.Archive;

namespace VnaCloud.Server.Maintenance;

/// <summary><c>Vna:Maintenance</c>: what the archive does by itself, and how often.</summary>
internal sealed class MaintenanceOptions
{
    /// <summary>Whether this server takes part. Default true; of many servers one does each job.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Seconds between two looks for studies to compact. Default 60; 0 never.</summary>
    [Range(0, 7 * 86_400)]
    public int CompactSeconds { get; init; } = 60;

    /// <summary>Seconds between two collections. Default 3,600; 0 never.</summary>
    [Range(0, 7 * 86_400)]
    public int CollectSeconds { get; init; } = 3_600;

    /// <summary>Seconds between two runs of the scrub. Default 600; 0 never.</summary>
    [Range(0, 7 * 86_400)]
    public int ScrubSeconds { get; init; } = 600;

    /// <summary>Seconds between two comparisons of store and index. Default 604,800, a week; 0 never.</summary>
    [Range(0, 31 * 86_400)]
    public int ReconcileSeconds { get; init; } = 7 * 86_400;

    /// <summary>Seconds between two looks for what the mirror lacks. Default 2; 0 never.</summary>
    [Range(0, 86_400)]
    public int MirrorSeconds { get; init; } = 2;

    /// <summary>Seconds between two checkpoints, by which an index that is older than its store is known. Default 300; 0 never.</summary>
    [Range(0, 86_400)]
    public int CheckpointSeconds { get; init; } = 300;

    /// <summary>A study that was not touched for so many seconds is compacted. Default 600.</summary>
    [Range(0, 7 * 86_400)]
    public int QuietSeconds { get; init; } = 600;

    /// <summary>Hours in which a deleted instance can be restored; then its bytes may go. Default 168, a week.</summary>
    [Range(24, 24 * 28)]
    public int GraceHours { get; init; } = 7 * 24;

    /// <summary>Days in which everything stored is read again and compared with its digests. Default 90.</summary>
    [Range(1, 3650)]
    public int ScrubDays { get; init; } = 90;

    /// <summary>Bytes a second that each job reads at most. Default 50,000,000; 0 for no limit.</summary>
    [Range(0, 100_000_000_000)]
    public long BytesPerSecond { get; init; } = 50_000_000;

    public UpkeepOptions ToUpkeep() => new()
    {
        Quiet = TimeSpan.FromSeconds(QuietSeconds),
        Grace = TimeSpan.FromHours(GraceHours),
        ScrubCycle = TimeSpan.FromDays(ScrubDays),
        BytesPerSecond = BytesPerSecond,
    };
}
