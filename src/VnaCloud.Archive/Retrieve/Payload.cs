using System.Buffers;
using System.IO.Pipelines;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Bytes of an answer whose number is known before the first is read, so that a truncation can never look clean.</summary>
public abstract class Payload
{
    /// <summary>Bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Writes the bytes from <paramref name="offset"/>, <paramref name="length"/> of them; throws when they are not to be had.</summary>
    public abstract ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation);
}

/// <summary>Bytes in memory.</summary>
public sealed class BytesPayload(ReadOnlyMemory<byte> bytes) : Payload
{
    /// <inheritdoc/>
    public override long Length => bytes.Length;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation)
    {
        output.Write(bytes.Span.Slice((int)offset, (int)length));
        return ObjectCopier.FlushAsync(output, cancellation);
    }
}

/// <summary>A range of a pack as it is stored.</summary>
public sealed class StoredPayload(IObjectStore store, DataLocator range) : Payload
{
    /// <inheritdoc/>
    public override long Length => range.Length;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation) =>
        ObjectCopier.CopyAsync(store, range with { Offset = range.Offset + offset, Length = length }, output, cancellation);
}

/// <summary>A range of big endian values, turned to little endian (PS3.5 section 7.3).</summary>
public sealed class SwappedPayload(Payload inner, int unit) : Payload
{
    /// <inheritdoc/>
    public override long Length => inner.Length;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation)
    {
        // Whole units are read, also where the range begins or ends inside one.
        var first = offset - offset % unit;
        var last = Math.Min(Length, offset + length + (unit - (offset + length) % unit) % unit);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        const int step = 64 * 1024;
        for (var at = first; at < last; at += step)
        {
            var count = (int)Math.Min(step, last - at);
            await inner.WriteAsync(pipe.Writer, at, count, cancellation);
            var read = await pipe.Reader.ReadAtLeastAsync(count, cancellation);
            var bytes = read.Buffer.ToArray();
            pipe.Reader.AdvanceTo(read.Buffer.End);
            ByteOrder.Swap(bytes, unit);
            var skip = (int)Math.Max(0, offset - at);
            var take = (int)Math.Min(count - skip, offset + length - at - skip);
            output.Write(bytes.AsSpan(skip, take));
            await ObjectCopier.FlushAsync(output, cancellation);
        }
    }
}

/// <summary>Several payloads, one after the other.</summary>
public sealed class JoinedPayload(IReadOnlyList<Payload> parts) : Payload
{
    /// <inheritdoc/>
    public override long Length { get; } = parts.Sum(part => part.Length);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation)
    {
        foreach (var part in parts)
        {
            if (length == 0)
            {
                return;
            }
            if (offset >= part.Length)
            {
                offset -= part.Length;
                continue;
            }
            var take = Math.Min(length, part.Length - offset);
            await part.WriteAsync(output, offset, take, cancellation);
            offset = 0;
            length -= take;
        }
    }
}

/// <summary>A payload that is made when it is written: its length was measured before, its bytes are not held meanwhile.</summary>
public sealed class LazyPayload(long length, Func<CancellationToken, ValueTask<Payload>> make) : Payload
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation)
    {
        var payload = await make(cancellation);
        await payload.WriteAsync(output, offset, length, cancellation);
    }
}

/// <summary>A range of a deflated data set, inflated on the way (PS3.5 section A.5). Offsets count as if it were inflated in place.</summary>
public sealed class InflatedPayload(IObjectStore store, DataLocator instance, long dataSetOffset, long from, long length) : Payload
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation)
    {
        using var source = new ObjectSource(store, instance);
        await source.SkipAsync(dataSetOffset, cancellation);
        await using var inflate = await InflateSource.OpenAsync(source, dataSetOffset, DicomReadLimits.Default, cancellation);
        await inflate.SkipAsync(from + offset - dataSetOffset, cancellation);
        while (length > 0)
        {
            if (inflate.Window.Length == 0 && !await inflate.FillAsync(cancellation))
            {
                throw new TruncatedObjectException(instance.PackKey);
            }
            var take = (int)Math.Min(length, inflate.Window.Length);
            output.Write(inflate.Window.Span[..take]);
            inflate.Advance(take);
            length -= take;
            await ObjectCopier.FlushAsync(output, cancellation);
        }
    }
}

/// <summary>A one-bit frame that does not start on a byte, moved so that it does (PS3.5 section 8.1.1: the first pixel is the lowest bit).</summary>
public sealed class BitFramePayload(Payload pixels, long firstBit, long bits) : Payload
{
    private const int Step = 64 * 1024;

    /// <inheritdoc/>
    public override long Length => (bits + 7) / 8;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        for (var end = offset + length; offset < end;)
        {
            var take = (int)Math.Min(Step, end - offset);
            var first = firstBit / 8 + offset;
            var wanted = (int)Math.Min(take + 1, pixels.Length - first);
            await pixels.WriteAsync(pipe.Writer, first, wanted, cancellation);
            var read = await pipe.Reader.ReadAtLeastAsync(wanted, cancellation);
            var source = read.Buffer.ToArray();
            pipe.Reader.AdvanceTo(read.Buffer.End);
            // Bits of the next frame are not this one's: the last byte may be part empty.
            BitFrames.Extract(source, (int)(firstBit % 8), Math.Min(8L * take, bits - 8 * offset), output.GetSpan(take)[..take]);
            output.Advance(take);
            await ObjectCopier.FlushAsync(output, cancellation);
            offset += take;
        }
    }
}

/// <summary>A stretch of another payload.</summary>
public sealed class SlicedPayload(Payload inner, long from, long length) : Payload
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(PipeWriter output, long offset, long length, CancellationToken cancellation) =>
        inner.WriteAsync(output, from + offset, length, cancellation);
}
