using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace VnaCloud.Archive;

/// <summary>What the journal says of each arrival in the end.</summary>
public sealed class JournalState
{
    private readonly Dictionary<Origin, Decision> _last = [];

    /// <summary>Arrivals that something was decided about.</summary>
    public int Count => _last.Count;

    /// <summary>The last decision of all; zero when there is none.</summary>
    public Ulid LastId { get; private set; }

    /// <summary>Journal objects with lines that could not be read, and why.</summary>
    public IReadOnlyList<(string Key, string Reason)> Damaged => DamagedObjects;

    internal List<(string Key, string Reason)> DamagedObjects { get; } = [];

    /// <summary>The first object that could not be had from the store; what it says is not in here, though it may be whole.</summary>
    internal IOException? Unread { get; set; }

    /// <summary>The last decision about an arrival, or null: then it is live.</summary>
    public Decision? Of(Origin origin) => _last.GetValueOrDefault(origin);

    /// <summary>Lines may come in any order: their ids say which is the later.</summary>
    internal void Add(Decision decision)
    {
        if (!_last.TryGetValue(decision.Origin, out var known) || known.Id < decision.Id)
        {
            // Keys are repeated by the packs; a million strings less.
            _last[decision.Origin] = decision with { Key = default };
        }
        LastId = decision.Id > LastId ? decision.Id : LastId;
    }
}

/// <summary>Reads the journal of a tenant (docs/pack-format.md, section 6).</summary>
public static class JournalReader
{
    /// <summary>Arrivals with decisions that are kept in memory, about 200 bytes each; 5,000,000.</summary>
    public const int MaxArrivals = 5_000_000;

    /// <summary>Longest journal object, in bytes; 10,000 lines of at most 500 are written.</summary>
    public const int MaxObjectBytes = 64 * 1024 * 1024;

    /// <summary>Longest line, in bytes; three UIDs, two ULIDs and words are under 600.</summary>
    public const int MaxLineBytes = 4096;

    /// <summary>Reads all of it. Lines that cannot be read are listed, the rest counts.</summary>
    /// <exception cref="InvalidDataException">More than <see cref="MaxArrivals"/>.</exception>
    public static async Task<JournalState> ReadAsync(IObjectStore store, string tenantKey, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        var state = new JournalState();
        await foreach (var (key, reading) in ReadAllAsync(store, tenantKey, static _ => true, cancellation))
        {
            var (decisions, damage) = await reading;
            decisions.ForEach(state.Add);
            state.Unread ??= damage as IOException;
            if (damage is not null)
            {
                state.DamagedObjects.Add((key, damage is JsonException ? "A line is not JSON of this format." : damage.Message));
            }
            if (state.Count > MaxArrivals)
            {
                throw new InvalidDataException($"The journal decides about more than {MaxArrivals} arrivals.");
            }
        }
        return state;
    }

    /// <summary>As above, for those who change the archive by it: a store in a bad moment would have void and deleted arrivals pass for undecided.</summary>
    /// <exception cref="IOException">An object could not be had.</exception>
    /// <exception cref="InvalidDataException">More than <see cref="MaxArrivals"/>.</exception>
    public static async Task<JournalState> ReadWholeAsync(IObjectStore store, string tenantKey, CancellationToken cancellation)
    {
        var state = await ReadAsync(store, tenantKey, cancellation);
        if (state.Unread is { } unread)
        {
            ExceptionDispatchInfo.Throw(unread);
        }
        return state;
    }

    /// <summary>Decisions after one, in order of id: what an index that ends there lacks. Damaged objects are passed over; <see cref="ReadAsync"/> names them.</summary>
    /// <exception cref="InvalidDataException">More than <see cref="MaxArrivals"/>.</exception>
    public static async Task<IReadOnlyList<Decision>> ReadAfterAsync(IObjectStore store, string tenantKey, Ulid after, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        // An object is written after its decisions; a day for clocks that differ.
        var first = after == default ? "" : PackFormat.JournalKey(tenantKey, Ulid.FirstOf(after.Time.AddDays(-1)));
        var decisions = new SortedDictionary<Ulid, Decision>();
        await foreach (var (_, reading) in ReadAllAsync(store, tenantKey, key => string.CompareOrdinal(key, first) >= 0, cancellation))
        {
            var (found, damage) = await reading;
            if (damage is IOException)
            {
                ExceptionDispatchInfo.Throw(damage);
            }
            foreach (var decision in found.Where(decision => decision.Id > after))
            {
                decisions[decision.Id] = decision;
            }
            if (decisions.Count > MaxArrivals)
            {
                throw new InvalidDataException($"The journal has more than {MaxArrivals} decisions that the index lacks: run 'vna reindex'.");
            }
        }
        return [.. decisions.Values];
    }

    private static IAsyncEnumerable<(string Key, Task<(List<Decision> Decisions, Exception? Damage)> Reading)> ReadAllAsync(
        IObjectStore store, string tenantKey, Predicate<string> which, CancellationToken cancellation) =>
        ReadAhead.RunAsync<(List<Decision> Decisions, Exception? Damage)>(store.ListAsync(PackFormat.JournalPrefix(tenantKey), cancellation).Where(key => which(key)), async (key, token) =>
        {
            // What stands before the damage counts.
            var decisions = new List<Decision>();
            try
            {
                await ReadObjectAsync(store, key, decisions.Add, token);
                return (decisions, null);
            }
            catch (Exception damage) when (damage is InvalidDataException or JsonException or IOException)
            {
                return (decisions, damage);
            }
        }, cancellation);

    /// <summary>Reads one object, line by line.</summary>
    internal static async Task ReadObjectAsync(IObjectStore store, string key, Action<Decision> add, CancellationToken cancellation)
    {
        var length = await store.LengthAsync(key, cancellation) ?? throw new ObjectMissingException(key);
        if (length > MaxObjectBytes)
        {
            throw new InvalidDataException($"It is longer than {MaxObjectBytes} bytes.");
        }
        await using var stream = new ObjectRangeStream(store, key, 0, length);
        var buffer = new byte[64 * 1024];
        var held = 0;
        int read;
        while ((read = await stream.ReadAsync(buffer.AsMemory(held), cancellation)) > 0)
        {
            held += read;
            var start = 0;
            int newline;
            while ((newline = buffer.AsSpan(start, held - start).IndexOf((byte)'\n')) >= 0)
            {
                ReadLine(buffer.AsSpan(start, newline), add);
                start += newline + 1;
            }
            held -= start;
            if (held > MaxLineBytes)
            {
                throw new InvalidDataException($"A line is longer than {MaxLineBytes} bytes.");
            }
            buffer.AsSpan(start, held).CopyTo(buffer);
        }
        if (held > 0)
        {
            throw new InvalidDataException("The last line is cut off.");
        }
    }

    private static void ReadLine(ReadOnlySpan<byte> line, Action<Decision> add) =>
        add((JsonSerializer.Deserialize(line, JournalJson.Default.JournalLine) ?? throw new InvalidDataException("A line says null.")).ToDecision());
}
