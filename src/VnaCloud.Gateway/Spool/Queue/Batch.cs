namespace VnaCloud.Gateway.Spool;

/// <summary>How much one request carries.</summary>
/// <param name="Objects">Most objects.</param>
/// <param name="Bytes">Most bytes, unless one object alone has more.</param>
internal sealed record BatchLimits(int Objects, long Bytes)
{
    // Less is not worth a request of its own.
    private const long SmallestShare = 1_000_000;

    /// <summary>
    /// One request's share of what waits: connections of a lossy line are of unequal speed, and a study is there when the slowest is done. So no
    /// request carries more than <paramref name="portion"/>, and the end of a study goes in small ones over all connections.
    /// </summary>
    public BatchLimits Share(long waiting, int requests, long portion) =>
        this with { Bytes = Math.Clamp(Math.Min(waiting / requests, portion), Math.Min(SmallestShare, Bytes), Bytes) };
}

/// <summary>Objects of one study that go in one request, under one id in every attempt.</summary>
internal sealed class Batch(Receipt id, Lane lane, IReadOnlyList<SpooledObject> objects)
{
    /// <summary>Names the attempts to the archive, which may so tell them for one.</summary>
    public Receipt Id { get; } = id;

    public Lane Lane { get; } = lane;

    /// <summary>In the order of their receipt, each another instance.</summary>
    public IReadOnlyList<SpooledObject> Objects { get; } = objects;

    public long Bytes { get; } = objects.Sum(spooled => spooled.Length);

    /// <summary>Attempts that failed for reasons that may pass.</summary>
    public int Failures { get; init; }

    /// <summary>Attempts that the archive refused for what the objects are.</summary>
    public int Rejections { get; init; }
}
