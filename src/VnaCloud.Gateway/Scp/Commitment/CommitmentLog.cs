using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Scp.Commitment;

/// <summary>
/// Requests for storage commitment, a file each: durable before the request is answered, there until the device has taken the report. A device
/// that asks again with the same Transaction UID gets one report.
/// </summary>
internal sealed class CommitmentLog
{
    /// <summary>Requests that may be open; past it they are refused, transiently.</summary>
    public const int Most = 10_000;

    private const string Extension = ".json";
    private readonly string _folder;
    private readonly ConcurrentDictionary<string, CommitmentRecord> _open = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public CommitmentLog(string spoolPath)
    {
        _folder = Path.GetFullPath(Path.Combine(spoolPath, "commitments"));
        Directory.CreateDirectory(_folder);
        SyncFolder(Path.GetDirectoryName(_folder)!);
        foreach (var path in Directory.EnumerateFiles(_folder))
        {
            if (Path.GetExtension(path) == Extension && Read(path) is { } record)
            {
                _open[KeyOf(record.RemoteAe, record.TransactionUid)] = record;
            }
            else
            {
                // Half written: it was never answered, and the device asks again.
                File.Delete(path);
            }
        }
    }

    /// <summary>What is owed, by key.</summary>
    public IReadOnlyList<KeyValuePair<string, CommitmentRecord>> Open => [.. _open];

    /// <summary>Keeps a new or changed request; when this returns it survives.</summary>
    /// <returns>False when there are too many.</returns>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public bool Put(CommitmentRecord record)
    {
        var key = KeyOf(record.RemoteAe, record.TransactionUid);
        if (!_open.ContainsKey(key) && _open.Count >= Most)
        {
            return false;
        }
        var path = Path.Combine(_folder, key + Extension);
        using (var file = new FileStream(path + ".part", FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, record, CommitmentJson.Default.CommitmentRecord);
            file.Flush(flushToDisk: true);
        }
        Posix.Rename(path + ".part", path);
        SyncFolder(_folder);
        _open[key] = record;
        return true;
    }

    /// <summary>The device has the report.</summary>
    public void Remove(string key)
    {
        File.Delete(Path.Combine(_folder, key + Extension));
        _open.TryRemove(key, out _);
    }

    private static CommitmentRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), CommitmentJson.Default.CommitmentRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Transaction UIDs of different devices differ only as a rule.
    private static string KeyOf(string remoteAe, string transactionUid) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{remoteAe}\n{transactionUid}")).AsSpan(0, 16));

    private static void SyncFolder(string folder)
    {
        using var handle = Posix.OpenDirectory(folder);
        Posix.Sync(handle);
    }
}
