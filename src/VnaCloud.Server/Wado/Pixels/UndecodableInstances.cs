using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>Instances of which a frame turned out not to be decoded, with the reason: so that the next answer leaves them out from the start. They are forgotten after an hour.</summary>
internal sealed class UndecodableInstances(TimeProvider time)
{
    /// <summary>Instances that are remembered; beyond them the oldest are forgotten.</summary>
    private const int Most = 1_000;

    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(Digest File, string Target), (string Reason, DateTimeOffset At)> _known = [];

    /// <summary>Why the instance cannot be given in <paramref name="target"/>; null where that is not known.</summary>
    public string? WhyNot(InstanceEntry entry, TransferSyntax target)
    {
        lock (_lock)
        {
            return _known.Count > 0 && _known.TryGetValue((entry.FileDigest, target.Uid), out var known) && time.GetUtcNow() - known.At < Memory ? known.Reason : null;
        }
    }

    public void Add(InstanceEntry entry, TransferSyntax target, string reason)
    {
        lock (_lock)
        {
            _known[(entry.FileDigest, target.Uid)] = (reason, time.GetUtcNow());
            if (_known.Count > Most)
            {
                _known.Remove(_known.MinBy(static pair => pair.Value.At).Key);
            }
        }
    }
}
