using System.Collections.Concurrent;

namespace VnaCloud.Gateway.Spool;

/// <summary>One string for values that many objects have: a queue of a hundred thousand would hold the same UID as often.</summary>
internal static class SharedText
{
    // Values come from outside: past so many the pool begins anew.
    private const int Most = 20_000;

    private static readonly ConcurrentDictionary<string, string> Pool = new(StringComparer.Ordinal);

    public static string Of(string value)
    {
        if (Pool.Count > Most)
        {
            Pool.Clear();
        }
        return Pool.GetOrAdd(value, value);
    }
}
