using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Index;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>SQLite in memory's file system: what a process loses, not what a disk loses, is simulated.</summary>
internal sealed class SqliteSimulatedIndex : ISimulatedIndex
{
    private static readonly string[] Parts = ["", "-wal", "-shm"];
    private static readonly Lazy<Task<byte[]>> Empty = new(MakeEmptyAsync);

    private readonly RisingTime _time;

    private SqliteSimulatedIndex(string folder, RisingTime time) => (Folder, _time) = (folder, time);

    public string Folder { get; }

    public IRebuildableIndex Index { get; private set; } = null!;

    private string Current => Path.Combine(Folder, "index.db");

    private string Backup => Path.Combine(Folder, "backup.db");

    public static async Task<SqliteSimulatedIndex> OpenAsync(RisingTime time)
    {
        var index = new SqliteSimulatedIndex(SimulationFolder.New(), time);
        await File.WriteAllBytesAsync(index.Current, await Empty.Value);
        index.Index = await OpenAsync(index.Current, time);
        return index;
    }

    public async Task ReopenAsync()
    {
        await Index.DisposeAsync();
        Index = await OpenAsync(Current, _time);
    }

    public async Task BackupAsync()
    {
        File.Delete(Backup);
        await ((SqliteArchiveIndex)Index).BackupAsync(Backup, default);
    }

    public async Task<bool> RestoreAsync()
    {
        if (!File.Exists(Backup))
        {
            return false;
        }
        await Index.DisposeAsync();
        Delete(Current);
        File.Copy(Backup, Current);
        Index = await OpenAsync(Current, _time);
        return true;
    }

    public async Task<ReindexReport?> RebuildAsync(Rebuild rebuild)
    {
        await rebuild.FlushAsync(new FaultyIndex(() => Index, rebuild.Faults));
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "new")).FullName, "index.db");
        Delete(path);
        await File.WriteAllBytesAsync(path, await Empty.Value);
        ReindexReport report;
        await using (var index = await OpenAsync(path, _time))
        {
            report = await rebuild.FillAsync(index);
            await index.ApplyAsync(new UpkeepChange.EpochClean(), default);
        }
        if (report.DamagedCount > 0)
        {
            return null; // as who sees its report does: not put in place
        }
        await Index.DisposeAsync();
        Delete(Current);
        File.Move(path, Current);
        Index = await OpenAsync(Current, _time);
        return report;
    }

    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<IRebuildableIndex> OpenAsync(string path, TimeProvider time) => await SqliteArchiveIndex.OpenAsync(
        new SqliteIndexOptions { Path = path, Time = time, Readers = 2, ArchiveId = Rebuild.ArchiveId, TenantKey = Rebuild.TenantKey }, default);

    private static void Delete(string path)
    {
        foreach (var part in Parts)
        {
            File.Delete(path + part);
        }
    }

    // Making the tables takes longer than most seeds.
    private static async Task<byte[]> MakeEmptyAsync()
    {
        var folder = SimulationFolder.New();
        var path = Path.Combine(folder, "index.db");
        await (await OpenAsync(path, new RisingTime(Rebuild.Start))).DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(path);
        Directory.Delete(folder, recursive: true);
        return bytes;
    }
}

/// <summary>A folder in memory where there is such a file system: fsync costs nothing there.</summary>
internal static class SimulationFolder
{
    private const string Memory = "/dev/shm";

    public static string New() => Directory.CreateDirectory(Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"vna-simulation-{Guid.NewGuid():N}")).FullName;
}
