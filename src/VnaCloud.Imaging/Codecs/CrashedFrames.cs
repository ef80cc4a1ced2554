using System.Security.Cryptography;

namespace VnaCloud.Imaging;

/// <summary>Frames that ended workers, known by their content: after some tries they are refused, for a while.</summary>
internal sealed class CrashedFrames(int maxCrashes, TimeSpan memory, TimeProvider time)
{
    /// <summary>Frames that are remembered; beyond them the oldest are forgotten.</summary>
    private const int Most = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset Last)> _frames = new(StringComparer.Ordinal);

    /// <summary>Nothing is hashed while no frame did harm.</summary>
    public bool IsRefused(ReadOnlyMemory<byte> frame)
    {
        lock (_lock)
        {
            if (_frames.Count == 0)
            {
                return false;
            }
        }
        var key = KeyOf(frame);
        lock (_lock)
        {
            return _frames.TryGetValue(key, out var known) && known.Count >= maxCrashes && time.GetUtcNow() - known.Last < memory;
        }
    }

    public void Add(ReadOnlyMemory<byte> frame)
    {
        var key = KeyOf(frame);
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var count = _frames.TryGetValue(key, out var known) && now - known.Last < memory ? known.Count : 0;
            _frames[key] = (count + 1, now);
            if (_frames.Count > Most)
            {
                _frames.Remove(_frames.MinBy(static pair => pair.Value.Last).Key);
            }
        }
    }

    private static string KeyOf(ReadOnlyMemory<byte> frame) => Convert.ToHexString(SHA256.HashData(frame.Span));
}
