using System.Text.Json;
using System.Text.Json.Serialization;

namespace VnaCloud.Archive;

/// <summary>
/// Tells whether the index is older than the store: by checkpoints, small objects that say how far the index had come, and by the newest
/// decisions of the journal. An index that is older must not answer, and nothing may be collected by it, before it caught up.
/// </summary>
public sealed class ArchivePosition(UpkeepArchive archive)
{
    /// <summary>Checkpoints that are kept; older ones go.</summary>
    private const int Kept = 3;

    /// <summary>Days back from today in which the newest journal object is looked for; what is older is in a checkpoint.</summary>
    private const int JournalDays = 3;

    private const int MaxBytes = 4096;

    /// <summary>What is said from a failover, or the restoring of a backup, until a server or 'vna adopt' has caught up.</summary>
    public const string TakenOver =
        "Another copy of the index has taken over, and may lack what was committed last: it is being compared with the object store, by a server with Vna:Maintenance:Enabled or by 'vna adopt'.";

    private string Prefix => PackFormat.CheckpointPrefix(archive.TenantKey);

    /// <summary>A sentence that says what to do, or null when index and store go together.</summary>
    public async Task<string?> WhyOffAsync(CancellationToken cancellation)
    {
        // The store first: what is written meanwhile is in the index by the time that it is asked.
        var identity = await ArchiveIdentity.ReadAsync(archive.Store, cancellation);
        var checkpoint = await NewestAsync(cancellation);
        var decision = await NewestDecisionAsync(cancellation);
        var (index, state) = (await archive.Index.StateAsync(cancellation), await archive.Upkeep.UpkeepAsync(0, cancellation));
        if (identity is null || identity.ArchiveId != index.ArchiveId || identity.TenantKey != index.TenantKey)
        {
            return "The index belongs to another archive than the object store: stop the server and run 'vna reindex'.";
        }
        if (state.Missed is not null)
        {
            return TakenOver;
        }
        if (!state.IsClean)
        {
            return "The index is new, and the object store is not: stop the server and run 'vna adopt', or 'vna reindex'.";
        }
        if (checkpoint is not null && (checkpoint.Epoch > state.Epoch || (checkpoint.Epoch == state.Epoch && checkpoint.Sequence > state.Sequence)))
        {
            return $"The index is older than the object store, which has seen its change {checkpoint.Epoch}/{checkpoint.Sequence} (the index ends at {state.Epoch}/{state.Sequence}): stop the server and run 'vna adopt'.";
        }
        return decision > state.LastDecision
            ? "The journal in the object store has decisions that the index lacks: stop the server and run 'vna adopt'."
            : null;
    }

    /// <summary>Takes an index for complete where the store has nothing that it could lack.</summary>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        if ((await archive.Upkeep.UpkeepAsync(0, cancellation)).IsClean)
        {
            return;
        }
        foreach (var prefix in new[] { archive.PackPrefix, PackFormat.JournalPrefix(archive.TenantKey), Prefix })
        {
            await foreach (var _ in archive.Store.ListAsync(prefix, cancellation))
            {
                return;
            }
        }
        await archive.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(), cancellation);
    }

    /// <summary>Writes down how far the index is, unless the last checkpoint says it.</summary>
    public async Task CheckpointAsync(CancellationToken cancellation)
    {
        var last = await NewestAsync(cancellation);
        var state = await archive.Upkeep.UpkeepAsync(0, cancellation);
        if (!state.IsClean || (last is not null && (last.Epoch, last.Sequence, last.LastDecision) == (state.Epoch, state.Sequence, state.LastDecision.ToString())))
        {
            return;
        }
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new Checkpoint(1, state.Epoch, state.Sequence, state.LastDecision.ToString(), state.Now), CheckpointJson.Default.Checkpoint);
        await using (var upload = await archive.Store.CreateAsync($"{Prefix}{Ulid.New(archive.Time)}.json", cancellation))
        {
            await upload.AppendAsync(bytes, cancellation);
            await upload.CompleteAsync(cancellation);
        }
        var keys = await KeysAsync(cancellation);
        foreach (var key in keys.SkipLast(Kept))
        {
            await archive.Store.DeleteAsync(key, cancellation);
        }
    }

    private async Task<List<string>> KeysAsync(CancellationToken cancellation)
    {
        var keys = new List<string>();
        await foreach (var key in archive.Store.ListAsync(Prefix, cancellation))
        {
            keys.Add(key);
        }
        return keys;
    }

    // By what they say, not by their names: two servers' clocks may differ.
    private async Task<Checkpoint?> NewestAsync(CancellationToken cancellation)
    {
        Checkpoint? newest = null;
        foreach (var key in await KeysAsync(cancellation))
        {
            try
            {
                var bytes = new byte[MaxBytes];
                var read = await archive.Store.ReadAsync(key, 0, bytes, cancellation);
                var checkpoint = JsonSerializer.Deserialize(bytes.AsSpan(0, read), CheckpointJson.Default.Checkpoint)!;
                newest = newest is null || (checkpoint.Epoch, checkpoint.Sequence).CompareTo((newest.Epoch, newest.Sequence)) > 0 ? checkpoint : newest;
            }
            catch (Exception gone) when (gone is ObjectMissingException or JsonException)
            {
                // Another server tidied up, or a checkpoint of a later version: the others speak for themselves.
            }
        }
        return newest;
    }

    private async Task<Ulid> NewestDecisionAsync(CancellationToken cancellation)
    {
        var newest = default(Ulid);
        for (var day = 1; day >= -JournalDays && newest == default; day--)
        {
            var at = archive.Time.GetUtcNow().AddDays(day);
            string? last = null;
            await foreach (var key in archive.Store.ListAsync(PackFormat.JournalDay(archive.TenantKey, at), cancellation))
            {
                last = key;
            }
            if (last is not null)
            {
                await JournalReader.ReadObjectAsync(archive.Store, last, decision => newest = decision.Id > newest ? decision.Id : newest, cancellation);
            }
        }
        return newest;
    }
}

/// <summary>How far an index had come (docs/pack-format.md, section 7).</summary>
internal sealed record Checkpoint(int Format, long Epoch, long Sequence, string LastDecision, DateTimeOffset At);

[JsonSerializable(typeof(Checkpoint))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CheckpointJson : JsonSerializerContext;
