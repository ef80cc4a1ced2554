using System.IO.Pipelines;

namespace VnaCloud.Archive;

/// <summary>Takes a payload's bytes into memory that is there already: what is decoded must be at hand as a whole.</summary>
public sealed class BufferWriter(Memory<byte> buffer) : PipeWriter
{
    private byte[]? _spare;
    private int _written;

    /// <summary>Fills <paramref name="buffer"/> with the payload's first bytes.</summary>
    public static async ValueTask FillAsync(Payload payload, Memory<byte> buffer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(payload);
        var writer = new BufferWriter(buffer);
        await payload.WriteAsync(writer, 0, buffer.Length, cancellation);
        await writer.CompleteAsync();
    }

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        if (_spare is { } spare)
        {
            spare.AsSpan(0, bytes).CopyTo(buffer.Span[_written..]);
            _spare = null;
        }
        _written += bytes;
    }

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (buffer.Length - _written >= Math.Max(sizeHint, 1))
        {
            return buffer[_written..];
        }
        // Who writes asks for more than he has.
        _spare = new byte[Math.Max(sizeHint, 256)];
        return _spare;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(isCanceled: false, isCompleted: false));

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
    }
}
