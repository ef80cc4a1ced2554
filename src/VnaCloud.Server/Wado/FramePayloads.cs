using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado;

/// <summary>The bytes of a frame.</summary>
internal sealed class FramePayloads(IObjectStore store)
{
    private readonly InstanceReader _instances = new(store);

    /// <param name="instance">With a layout in which frames can be told apart.</param>
    /// <param name="frame">From 0.</param>
    /// <param name="cancellation">Stops the reads.</param>
    public async ValueTask<Payload> FrameAsync(InstanceEntry instance, int frame, CancellationToken cancellation)
    {
        var map = instance.Frames;
        var syntax = TransferSyntax.Get(instance.Attributes.TransferSyntaxUid);
        if (map.Layout == FrameLayout.Encapsulated)
        {
            return await EncapsulatedAsync(instance, await FrameReader.RangeAsync(store, instance, frame, cancellation), cancellation);
        }
        if (map.Layout == FrameLayout.Native && !syntax.IsDeflated && !syntax.IsBigEndian)
        {
            return _instances.Stored(instance, map.PixelOffset + frame * map.FrameLength, map.FrameLength);
        }
        var pixels = await PixelsAsync(instance, syntax, cancellation);
        return map.Layout == FrameLayout.NativeBits
            ? new BitFramePayload(pixels, frame * map.FrameLength, map.FrameLength)
            : new SlicedPayload(pixels, frame * map.FrameLength, map.FrameLength);
    }

    /// <summary>An encapsulated frame without its item headers.</summary>
    public async ValueTask<Payload> EncapsulatedAsync(InstanceEntry instance, FrameRange range, CancellationToken cancellation)
    {
        using var source = new ObjectSource(store, instance.Data);
        var stretches = await FrameReader.FragmentsAsync(source, range, cancellation);
        return stretches.Count == 1
            ? _instances.Stored(instance, stretches[0].Offset, stretches[0].Length)
            : new JoinedPayload([.. stretches.Select(stretch => _instances.Stored(instance, stretch.Offset, stretch.Length))]);
    }

    // All native pixels, inflated and in little endian.
    private async ValueTask<Payload> PixelsAsync(InstanceEntry instance, TransferSyntax syntax, CancellationToken cancellation)
    {
        var map = instance.Frames;
        if (!syntax.IsDeflated && !syntax.IsBigEndian)
        {
            return _instances.Stored(instance, map.PixelOffset, map.PixelLength);
        }
        var reader = await _instances.ReadAsync(instance, null, cancellation);
        var pixels = _instances.Range(instance, reader, map.PixelOffset, map.PixelLength);
        var unit = syntax.IsBigEndian ? PixelByteOrder.SwapUnit(reader.DataSet) : 1;
        return unit > 1 ? new SwappedPayload(pixels, unit) : pixels;
    }
}
