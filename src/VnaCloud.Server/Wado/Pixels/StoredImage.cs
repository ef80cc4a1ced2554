using System.Buffers;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>An instance whose pixels are wanted in another form than the stored one: its header, and its frames decoded.</summary>
internal sealed class StoredImage
{
    // Tables of palettes and LUTs are at most 128 KiB.
    private static readonly DicomReadOptions WithTables = new() { KeepBinary = 256 * 1024, KeepOther = 64 * 1024 };
    private static readonly DicomTag Pixels7Fe0 = new(0x7FE0_0000);

    private readonly IObjectStore _objects;
    private readonly FrameDecoder _decoder;

    private StoredImage(IObjectStore objects, FrameDecoder decoder, InstanceEntry entry, DicomReader header)
    {
        (_objects, _decoder, Entry, Header) = (objects, decoder, entry, header);
        Pixels = ImagePixels.Of(header.DataSet);
    }

    public InstanceEntry Entry { get; }

    /// <summary>File Meta Information and data set; of a picture up to its pixels only, with its tables.</summary>
    public DicomReader Header { get; }

    /// <summary>As stored.</summary>
    public ImagePixels Pixels { get; }

    public TransferSyntax Syntax => Header.TransferSyntax;

    /// <summary>What frames are once decoded.</summary>
    public ImagePixels Decoded => Entry.Frames.Layout == FrameLayout.Encapsulated ? FrameDecoder.Decoded(Syntax, Pixels) : Pixels;

    public int Frames => Entry.Frames.Count;

    /// <summary>To write the whole instance again.</summary>
    public static async ValueTask<StoredImage> WholeAsync(IObjectStore objects, FrameDecoder decoder, InstanceEntry entry, CancellationToken cancellation) =>
        new(objects, decoder, entry, await new InstanceReader(objects).ReadAsync(entry, null, cancellation));

    /// <summary>To decode frames.</summary>
    public static async ValueTask<StoredImage> FramesAsync(IObjectStore objects, FrameDecoder decoder, InstanceEntry entry, CancellationToken cancellation) =>
        new(objects, decoder, entry, await new InstanceReader(objects).ReadAsync(entry, Pixels7Fe0, cancellation, WithTables));

    /// <summary>To show frames, with what is drawn over them.</summary>
    public static async ValueTask<StoredImage> PictureAsync(IObjectStore objects, FrameDecoder decoder, InstanceEntry entry, CancellationToken cancellation)
    {
        var image = await FramesAsync(objects, decoder, entry, cancellation);
        var (header, left) = (image.Header, (long)OverlayPlanes.MaxBytes);
        foreach (var tag in OverlayPlanes.Data)
        {
            if (header.DataSet[tag] is { IsLocatedOnly: true } overlay && overlay.Length <= left)
            {
                var bytes = new byte[(int)overlay.Length];
                await BufferWriter.FillAsync(new InstanceReader(objects).Range(entry, header, overlay.Offset, overlay.Length), bytes, cancellation);
                header.DataSet.Set(new DicomElement(tag, overlay.Vr, bytes, overlay.IsBigEndian));
                left -= overlay.Length;
            }
        }
        return image;
    }

    /// <summary>A frame in native form, from 0.</summary>
    /// <exception cref="ImageException">It cannot be decoded.</exception>
    public async Task<FrameSamples> FrameAsync(int frame, CancellationToken cancellation)
    {
        var payload = await new FramePayloads(_objects).FrameAsync(Entry, frame, cancellation);
        if (Entry.Frames.Layout != FrameLayout.Encapsulated)
        {
            var samples = FrameSamples.Rent(Pixels, _decoder.MaxFrameBytes);
            try
            {
                if (payload.Length < samples.Length)
                {
                    throw new ImageException($"The frame holds {payload.Length} bytes, the instance says {samples.Length}.");
                }
                await BufferWriter.FillAsync(payload, samples.Bytes, cancellation);
                return samples;
            }
            catch
            {
                samples.Dispose();
                throw;
            }
        }
        if (payload.Length > _decoder.MaxFrameBytes)
        {
            throw new ImageException($"A compressed frame of {payload.Length} bytes is larger than is decoded here.");
        }
        var rented = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        try
        {
            var stream = rented.AsMemory(0, (int)payload.Length);
            await BufferWriter.FillAsync(payload, stream, cancellation);
            return await _decoder.DecodeAsync(Syntax, Pixels, stream, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
