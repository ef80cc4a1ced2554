using System.Globalization;

namespace VnaCloud.Archive;

/// <summary>
/// Small objects that are made of stored instances and can be made again, beside the packs: thumbnails. Their keys begin with a fortnight, and
/// they go after the next one (<see cref="DerivedCollector"/>), so that nothing derived outlives what it was made of by more than four weeks.
/// </summary>
/// <param name="store">The objects.</param>
/// <param name="tenantKey">The tenant's part of object keys.</param>
/// <param name="time">The clock.</param>
public sealed class DerivedObjects(IObjectStore store, string tenantKey, TimeProvider time)
{
    /// <summary>Bytes of a derived object at most; larger ones are not kept.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int DaysOfAPeriod = 14;

    /// <summary>Prefix of all of a tenant.</summary>
    public static string Prefix(string tenantKey) => $"t/{tenantKey}/derived/";

    /// <summary>The object, or null when there is none yet, or none of this fortnight.</summary>
    /// <param name="name">What it is made of, and how: letters, digits, <c>-</c> and <c>.</c></param>
    /// <param name="cancellation">Stops the read.</param>
    public async ValueTask<byte[]?> ReadAsync(string name, CancellationToken cancellation)
    {
        var key = KeyOf(name);
        try
        {
            if (await store.LengthAsync(key, cancellation) is not { } length || length > MaxBytes)
            {
                return null;
            }
            var bytes = new byte[(int)length];
            return await store.ReadAsync(key, 0, bytes, cancellation) == bytes.Length ? bytes : null;
        }
        catch (IOException)
        {
            return null; // it is made again
        }
    }

    /// <summary>Keeps an object. Where that fails it is made again the next time.</summary>
    public async ValueTask KeepAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.Length > MaxBytes)
        {
            return;
        }
        try
        {
            await using var upload = await store.CreateAsync(KeyOf(name), cancellation);
            await upload.AppendAsync(bytes, cancellation);
            await upload.CompleteAsync(cancellation);
        }
        catch (IOException)
        {
            // Another server was first, or the store cannot take it: neither is this request's trouble.
        }
    }

    /// <summary>The period in a key; null where it is none of ours.</summary>
    internal static long? PeriodOf(string key, string tenantKey)
    {
        var rest = key.AsSpan(Prefix(tenantKey).Length);
        var end = rest.IndexOf('/');
        return end > 0 && long.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var period) ? period : null;
    }

    internal static long PeriodAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / (DaysOfAPeriod * 86_400);

    private string KeyOf(string name) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(tenantKey)}{PeriodAt(time.GetUtcNow())}/{name[..2]}/{name}");
}
