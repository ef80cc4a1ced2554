using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>A range of an object as a <see cref="ByteSource"/>; skipping costs no read.</summary>
public sealed class ObjectSource : BufferedSource
{
    private const int BufferSize = 64 * 1024;
    private readonly IObjectStore _store;
    private readonly DataLocator _locator;

    /// <summary>Reads the bytes of <paramref name="locator"/> from their start.</summary>
    public ObjectSource(IObjectStore store, DataLocator locator)
        : base(BufferSize)
    {
        _store = store;
        _locator = locator;
    }

    /// <inheritdoc/>
    public override ValueTask<long> SkipAsync(long count, CancellationToken cancellation)
    {
        var skipped = Math.Min(count, _locator.Length - Position);
        Jump(skipped);
        return new(skipped);
    }

    /// <inheritdoc/>
    protected override async ValueTask<int> ReadAsync(Memory<byte> free, CancellationToken cancellation)
    {
        var at = Position + Window.Length;
        var wanted = (int)Math.Min(free.Length, _locator.Length - at);
        if (wanted <= 0)
        {
            return 0;
        }
        var read = await _store.ReadAsync(_locator.PackKey, _locator.Offset + at, free[..wanted], cancellation);
        return read == wanted ? read : throw new TruncatedObjectException(_locator.PackKey);
    }
}

/// <summary>An object is shorter than the index says: nothing of it may be served as good.</summary>
public sealed class TruncatedObjectException(string key) : IOException($"Object {key} is shorter than the index says.");
