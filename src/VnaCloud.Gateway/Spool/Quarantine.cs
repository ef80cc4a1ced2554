using System.Text.Json;
using System.Text.Json.Serialization;

namespace VnaCloud.Gateway.Spool;

/// <summary>Why an object waits for somebody instead of for the archive.</summary>
/// <param name="Receipt">The object's.</param>
/// <param name="Time">When it was set aside.</param>
/// <param name="Reason">A sentence, without patient data.</param>
/// <param name="Code">Failure Reason (0008,1197) of the archive, or HTTP status; 0 for none.</param>
/// <param name="CallingAe">Who sent it.</param>
/// <param name="Bytes">Of its file.</param>
internal sealed record QuarantineEntry(string Receipt, DateTimeOffset Time, string Reason, int Code, string CallingAe, long Bytes);

/// <summary>Objects that the archive will not take as they are. Nothing is ever dropped: each stays until somebody moves or deletes its file.</summary>
internal sealed class Quarantine(SpoolFolders folders)
{
    /// <summary>Entries that are kept in memory to be shown; the folder has them all.</summary>
    public const int Shown = 1000;

    private readonly Lock _gate = new();
    private readonly LinkedList<QuarantineEntry> _entries = new();

    public int Count { get; private set; }

    public void Load()
    {
        foreach (var receipt in folders.AllQuarantined())
        {
            Remember(Read(receipt) ?? new QuarantineEntry(receipt.ToString(), receipt.Time, "There is no reason beside the file.", 0, "", 0));
        }
    }

    /// <summary>Moves a queued file aside. The reason is written first: a file without one would be a riddle.</summary>
    public void Add(Receipt receipt, QuarantineEntry entry)
    {
        try
        {
            File.WriteAllBytes(folders.Reason(receipt), JsonSerializer.SerializeToUtf8Bytes(entry, QuarantineJson.Default.QuarantineEntry));
        }
        catch (IOException)
        {
            // A full disk: the log has it, and the file is set aside all the same.
        }
        Posix.Rename(folders.Queued(receipt), folders.Quarantined(receipt));
        Remember(entry);
    }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<QuarantineEntry> Latest(int count)
    {
        lock (_gate)
        {
            return [.. _entries.Take(count)];
        }
    }

    private QuarantineEntry? Read(Receipt receipt)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(folders.Reason(receipt)), QuarantineJson.Default.QuarantineEntry);
        }
        catch (Exception missing) when (missing is IOException or JsonException)
        {
            return null;
        }
    }

    private void Remember(QuarantineEntry entry)
    {
        lock (_gate)
        {
            Count++;
            _entries.AddFirst(entry);
            if (_entries.Count > Shown)
            {
                _entries.RemoveLast();
            }
        }
    }
}

[JsonSerializable(typeof(QuarantineEntry))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class QuarantineJson : JsonSerializerContext;
