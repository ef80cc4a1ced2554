namespace VnaCloud.Gateway.Spool;

/// <summary>How much one request carries.</summary>
/// <param name="Objects">Most objects.</param>
/// <param name="Bytes">Most bytes, unless one object alone has more.</param>
internal sealed record BatchLimits(int Objects, long Bytes);

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
