using System.Diagnostics;
using System.Globalization;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Doctor;

/// <summary>The store: can it be written, does it give back what was written, has it room.</summary>
internal static class StoreCheck
{
    private const string Area = "store";

    /// <summary>As the bucket's own probe: listings leave it out.</summary>
    private const string Prefix = "probe";

    private const long LeastFree = 10L * 1024 * 1024 * 1024;
    private const double LeastShare = 0.05;
    private static readonly TimeSpan SlowProbe = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(30);

    /// <summary>The store, opened; null when it cannot be used, which is said.</summary>
    public static async Task<ObjectStorage?> RunAsync(Diagnosis diagnosis, ArchivePlace place, CancellationToken cancellation)
    {
        if (place.Bucket is null && !File.Exists(Path.Combine(place.Folder.ObjectsPath, ArchiveIdentity.Key)))
        {
            NoArchive(diagnosis, place.Folder);
            return null;
        }
        ObjectStorage? storage = null;
        try
        {
            storage = await place.OpenStorageAsync(readOnly: true, cancellation);
            foreach (var bucket in storage.Buckets)
            {
                await BucketAsync(diagnosis, bucket, cancellation);
            }
            await ProbeAsync(diagnosis, storage, cancellation);
            if (place.Bucket is null)
            {
                RemoveEmpty(Path.Combine(place.Folder.ObjectsPath, Prefix));
                Room(diagnosis, place.Folder.ObjectsPath);
            }
            return storage;
        }
        catch (Exception failure) when (failure is CommandException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            storage?.Dispose();
            diagnosis.Error(Area, failure.Message, place.Bucket is null
                ? $"The user {Environment.UserName} needs to read and write {place.Folder.Root} and everything in it."
                : "Check Vna:Storage:S3 (Endpoint, Bucket, AccessKey, SecretKey, Region), that this machine reaches the endpoint, and that the key may list, read, write and delete in the bucket.");
            return null;
        }
    }

    private static void NoArchive(Diagnosis diagnosis, DataFolder folder)
    {
        var parent = folder.Root;
        while (!Path.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent)!;
        }
        var probe = Path.Combine(parent, $".vna-doctor-{Guid.NewGuid():N}");
        try
        {
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            diagnosis.Skipped(Area, $"There is no archive at {folder.Root} yet: the server makes one when it first starts.");
            Room(diagnosis, parent);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            diagnosis.Error(Area, $"There is no archive at {folder.Root}, and none can be made: {failure.Message}", $"Make the folder and give it to the user {Environment.UserName}, or name another: Vna:Storage:Path.");
        }
    }

    private static async Task BucketAsync(Diagnosis diagnosis, S3ObjectStore bucket, CancellationToken cancellation)
    {
        var found = await bucket.ProbeAsync(cancellation);
        foreach (var finding in found.Findings)
        {
            // What does not hold is made up for, and said: the ladder goes down a rung.
            diagnosis.Judge(finding.Holds, "bucket", $"{finding.Name}: {finding.Detail}", $"{finding.Name}: {finding.Detail}", "Uploads are proven another way (docs/operations.md); nothing is lost by it.", Severity.Skipped);
        }
        diagnosis.Judge(found.NotReady is null, "bucket", $"Proof of what is stored: {found.Rung}", found.NotReady ?? "", "Without what is missing nothing is acknowledged: change the bucket's settings or rights, or use another store.", Severity.Error);
        if (found.Warning is { } warning)
        {
            diagnosis.Warning("bucket", warning, "docs/operations.md says what each store can do.");
        }
        diagnosis.Judge(found.ClockSkew.Duration() < MostSkew, "clock", "The store's clock agrees with this machine's", string.Create(CultureInfo.InvariantCulture, $"The store's clock is {found.ClockSkew.TotalSeconds:0} s off this machine's."),
            "Set the clocks by NTP: stores refuse requests that are minutes off, and tokens expire early or late.", Severity.Error);
    }

    // As an upload is written: the time of this is in every STOW request.
    private static async Task ProbeAsync(Diagnosis diagnosis, ObjectStorage storage, CancellationToken cancellation)
    {
        var key = $"{Prefix}/{Ulid.New(TimeProvider.System)}";
        var bytes = new byte[4096];
        var began = Stopwatch.GetTimestamp();
        await using (var upload = await storage.Primary.CreateAsync(key, cancellation))
        {
            await upload.AppendAsync(bytes, cancellation);
            upload.Seal();
            await upload.CompleteAsync(cancellation);
        }
        var written = Stopwatch.GetElapsedTime(began);
        var read = await storage.Primary.ReadAsync(key, 0, new byte[bytes.Length], cancellation);
        await storage.Primary.DeleteAsync(key, cancellation);
        var text = string.Create(CultureInfo.InvariantCulture, $"A small object is durable after {written.TotalMilliseconds:0.0} ms");
        diagnosis.Judge(read == bytes.Length && written < SlowProbe, Area, text, $"{text}{(read == bytes.Length ? "." : ", and comes back cut off.")}",
            "Every upload waits for this at least once: use a disk or a store nearer to the server.");
    }

    // A server's probe may be under way there.
    private static void RemoveEmpty(string path)
    {
        try
        {
            Directory.Delete(path);
        }
        catch (IOException)
        {
            return;
        }
    }

    private static void Room(Diagnosis diagnosis, string path)
    {
        var drive = new DriveInfo(path);
        var share = drive.TotalSize > 0 ? (double)drive.AvailableFreeSpace / drive.TotalSize : 0;
        diagnosis.Judge(drive.AvailableFreeSpace >= LeastFree && share >= LeastShare, Area, MachineCheck.Text(drive.AvailableFreeSpace, "free"), $"Only {MachineCheck.Text(drive.AvailableFreeSpace, "free.")}",
            "Make room, or move the data folder to a larger disk. A full disk refuses uploads (507) and loses nothing.");
        diagnosis.Judge(drive.DriveFormat is not ("tmpfs" or "ramfs" or "overlay"), Area, $"File system {drive.DriveFormat}", $"{path} lies on {drive.DriveFormat}, which does not outlive the machine or the container.",
            "Mount a volume there.", Severity.Error);
    }
}
