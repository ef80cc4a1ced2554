using System.Text.Json;
using System.Text.Json.Serialization;

namespace VnaCloud.Archive;

/// <summary>
/// Moves decisions from the index's outbox into journal objects. Packs alone do not say what was decided later; with the journal the
/// object store does.
/// </summary>
public sealed class JournalWriter(IObjectStore store, IArchiveIndex index, string tenantKey, TimeProvider time) : IDisposable
{
    /// <summary>Most entries of one journal object.</summary>
    public const int MaxEntries = 10_000;

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Returns when everything that was decided before the call is in durable journal objects.</summary>
    public async Task FlushAsync(TenantId tenant, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            IReadOnlyList<Ulid> written = [];
            while (true)
            {
                var decisions = await index.OutboxAsync(tenant, written, MaxEntries, cancellation);
                if (decisions.Count == 0)
                {
                    return;
                }
                await WriteAsync(decisions, cancellation);
                written = [.. decisions.Select(decision => decision.Id)];
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Writes decisions that no outbox has.</summary>
    public async Task AddAsync(IReadOnlyCollection<Decision> decisions, CancellationToken cancellation)
    {
        foreach (var entries in decisions.Chunk(MaxEntries))
        {
            await WriteAsync(entries, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task WriteAsync(IReadOnlyList<Decision> decisions, CancellationToken cancellation)
    {
        using var lines = new MemoryStream();
        foreach (var decision in decisions)
        {
            JsonSerializer.Serialize(lines, JournalLine.Of(decision), JournalJson.Default.JournalLine);
            lines.WriteByte((byte)'\n');
        }
        await using var upload = await store.CreateAsync(PackFormat.JournalKey(tenantKey, Ulid.New(time)), cancellation);
        await upload.AppendAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), cancellation);
        await upload.CompleteAsync(cancellation);
    }
}

/// <summary>A line of a journal object (docs/pack-format.md).</summary>
internal sealed record JournalLine(int V, string Id, string Kind, string Study, string Series, string Sop, string Origin, DateTimeOffset At, string Reason)
{
    public const int Version = 1;

    public static JournalLine Of(Decision decision) => new(Version, decision.Id.ToString(), decision.Kind switch
    {
        DecisionKind.Delete => "delete",
        DecisionKind.Void => "void",
        _ => "restore",
    }, decision.Key.StudyUid, decision.Key.SeriesUid, decision.Key.SopUid, decision.Origin.ToString(), decision.At, decision.Reason);

    public Decision ToDecision()
    {
        if (V != Version || !Ulid.TryParse(Id, out var id) || !Archive.Origin.TryParse(Origin, out var origin))
        {
            throw new InvalidDataException("A journal line is of a later version, or damaged.");
        }
        var kind = Kind switch
        {
            "delete" => DecisionKind.Delete,
            "void" => DecisionKind.Void,
            "restore" => DecisionKind.Restore,
            _ => throw new InvalidDataException("A journal line has a kind that this version does not know."),
        };
        return new Decision(id, kind, new InstanceKey(Study, Series, Sop), origin, At, Reason);
    }
}

[JsonSerializable(typeof(JournalLine))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class JournalJson : JsonSerializerContext;
