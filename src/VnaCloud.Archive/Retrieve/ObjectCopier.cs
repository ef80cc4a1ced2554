using System.IO.Pipelines;

namespace VnaCloud.Archive;

/// <summary>Copies a range of an object into a response.</summary>
public static class ObjectCopier
{
    private const int Step = 64 * 1024;

    /// <summary>Copies all of the range, or throws: a short object must end in an aborted connection, never in a clean end.</summary>
    public static async ValueTask CopyAsync(IObjectStore store, DataLocator range, PipeWriter output, CancellationToken cancellation)
    {
        using var activity = ArchiveActivity.Source.StartActivity("object read")?
            .SetTag("vna.object.key", range.PackKey).SetTag("vna.object.offset", range.Offset).SetTag("vna.object.size", range.Length);
        try
        {
            await CopyPiecesAsync(store, range, output, cancellation);
        }
        catch (Exception failure)
        {
            activity.Fail(failure);
            throw;
        }
    }

    private static async ValueTask CopyPiecesAsync(IObjectStore store, DataLocator range, PipeWriter output, CancellationToken cancellation)
    {
        var offset = range.Offset;
        var left = range.Length;
        while (left > 0)
        {
            var wanted = (int)Math.Min(left, Step);
            var read = await store.ReadAsync(range.PackKey, offset, output.GetMemory(wanted)[..wanted], cancellation);
            if (read < wanted)
            {
                throw new TruncatedObjectException(range.PackKey);
            }
            output.Advance(read);
            offset += read;
            left -= read;
            await FlushAsync(output, cancellation);
        }
    }

    /// <summary>Flushes.</summary>
    /// <exception cref="ReaderGoneException">Nobody reads any more.</exception>
    public static async ValueTask FlushAsync(PipeWriter output, CancellationToken cancellation)
    {
        if ((await output.FlushAsync(cancellation)).IsCompleted)
        {
            throw new ReaderGoneException(cancellation);
        }
    }
}

/// <summary>Who asked for the bytes has gone; a connection may say so before its request is cancelled.</summary>
public sealed class ReaderGoneException(CancellationToken cancellation) : OperationCanceledException("Nobody reads any more.", cancellation);
