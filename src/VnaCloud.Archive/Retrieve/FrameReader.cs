using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Finds where frames are in an instance's stored bytes: from its row, or by one small read of the pack's frame table.</summary>
public static class FrameReader
{
    private const int ItemHeader = 8;

    /// <summary>The stretches that make up an encapsulated frame, item headers left out; their lengths sum to the frame's.</summary>
    /// <param name="source">The instance's bytes; deflated ones inflated.</param>
    /// <param name="range">The frame.</param>
    /// <param name="cancellation">Stops the reads.</param>
    public static async ValueTask<IReadOnlyList<(long Offset, long Length)>> FragmentsAsync(ByteSource source, FrameRange range, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (range.Fragments == 1)
        {
            return [(range.Offset + ItemHeader, range.Length - ItemHeader)];
        }
        var stretches = new List<(long, long)>();
        await source.SkipAsync(range.Offset - source.Position, cancellation);
        var end = range.Offset + range.Length;
        while (source.Position < end)
        {
            while (source.Window.Length < ItemHeader && await source.FillAsync(cancellation))
            {
            }
            var length = BinaryPrimitives.ReadUInt32LittleEndian(source.Window.Span[4..]);
            source.Advance(ItemHeader);
            stretches.Add((source.Position, length));
            await source.SkipAsync(length, cancellation);
        }
        return stretches;
    }

    /// <summary>The range of an encapsulated frame.</summary>
    /// <param name="store">The object store.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="frame">From 0, below the frame map's count.</param>
    /// <param name="cancellation">Stops the read.</param>
    public static async ValueTask<FrameRange> RangeAsync(IObjectStore store, InstanceEntry instance, int frame, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(instance);
        if (instance.Frames.TableOffset < 0)
        {
            return instance.Frames.FirstFrame;
        }
        var entry = new byte[PackFormat.FrameEntry];
        var read = await store.ReadAsync(instance.Data.PackKey, instance.Frames.TableOffset + (long)frame * PackFormat.FrameEntry, entry, cancellation);
        return read == entry.Length
            ? new FrameRange(BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(8)), BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(16)))
            : throw new TruncatedObjectException(instance.Data.PackKey);
    }
}
