namespace VnaCloud.Dicom;

/// <summary>
/// Bytes that arrive: a window on what is here now, moved forward by its reader. One buffer serves the socket, the hash, the
/// file and the parser, so that pixel data is looked at but never copied from layer to layer.
/// </summary>
public abstract class ByteSource
{
    /// <summary>Bytes read from the source and not yet consumed. Valid until the next <see cref="FillAsync"/>.</summary>
    public abstract ReadOnlyMemory<byte> Window { get; }

    /// <summary>Bytes consumed since the start of the source.</summary>
    public abstract long Position { get; }

    /// <summary>Consumes <paramref name="count"/> bytes of the window.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than the window holds.</exception>
    public abstract void Advance(int count);

    /// <summary>
    /// Makes the window longer by at least one byte, keeping what is unconsumed; false when the source has ended and the
    /// window will not grow again.
    /// </summary>
    /// <remarks>A source may refuse to hold more than its buffer: consume before asking when the window is large (<see cref="MaxWindow"/>).</remarks>
    public abstract ValueTask<bool> FillAsync(CancellationToken cancellation);

    /// <summary>Bytes of window that a reader may rely on getting before it must consume. At least 1,024 in every source.</summary>
    public virtual int MaxWindow => 1024;

    /// <summary>Consumes <paramref name="count"/> bytes without looking at them; sources that can seek do not read them.</summary>
    /// <returns>Bytes skipped: fewer than asked only at the end of the source.</returns>
    public virtual async ValueTask<long> SkipAsync(long count, CancellationToken cancellation)
    {
        var left = count;
        while (left > 0)
        {
            if (Window.Length == 0 && !await FillAsync(cancellation))
            {
                break;
            }
            var take = (int)Math.Min(left, Window.Length);
            Advance(take);
            left -= take;
        }
        return count - left;
    }
}
