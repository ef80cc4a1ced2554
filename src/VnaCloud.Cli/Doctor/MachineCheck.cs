using System.Globalization;

namespace VnaCloud.Cli.Doctor;

/// <summary>The machine and the user.</summary>
internal static class MachineCheck
{
    private const string Area = "machine";

    /// <summary>Connections, packs and the cache each hold files open.</summary>
    private const long FewestFiles = 4096;

    private const long LeastMemory = 768L * 1024 * 1024;

    public static void Run(Diagnosis diagnosis)
    {
        if (OperatingSystem.IsLinux())
        {
            var files = OpenFiles();
            diagnosis.Judge(files >= FewestFiles, Area, $"{files} open files allowed", $"Only {files} open files are allowed.", $"Raise the limit to {FewestFiles} or more (LimitNOFILE= of systemd, ulimit -n).");
            diagnosis.Judge(Environment.UserName != "root", Area, $"Runs as {Environment.UserName}", "Runs as root.", "Run doctor and server as a user of its own that owns the data folder; the units in deploy/ do.");
        }
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        diagnosis.Judge(memory >= LeastMemory, Area, Text(memory, "of memory"), Text(memory, "of memory is all that this process may have."), "Give a server 1 GiB, and 2 GiB for each codec worker that decodes large images.");
        try
        {
            File.Delete(Path.GetTempFileName());
            diagnosis.Ok(Area, $"Temporary files in {Path.GetTempPath()}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            diagnosis.Error(Area, $"No temporary file can be made in {Path.GetTempPath()}: {failure.Message}", "Mount a writable folder there, or name another with TMPDIR.");
        }
    }

    public static string Text(long bytes, string what) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.0} GiB {what}");

    private static long OpenFiles()
    {
        var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal)) ?? "";
        var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(3);
        return soft == "unlimited" ? long.MaxValue : long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files) ? files : 0;
    }
}
