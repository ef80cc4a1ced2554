using System.Buffers;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// Native frames into the lossless syntaxes that the archive offers: RLE here, JPEG-LS, JPEG 2000 and High-Throughput JPEG 2000 by workers.
/// </summary>
/// <param name="pool">The workers.</param>
/// <param name="verify">Decodes each encoded frame again and compares.</param>
public sealed class FrameEncoder(CodecPool pool, bool verify = false)
{
    private readonly FrameDecoder _decoder = new(pool);

    /// <summary>Transfer syntaxes that frames can be encoded in, all lossless and encapsulated.</summary>
    public static IReadOnlyList<TransferSyntax> Targets { get; } =
    [
        TransferSyntax.Get("1.2.840.10008.1.2.5"),
        TransferSyntax.Get("1.2.840.10008.1.2.4.80"),
        TransferSyntax.Get("1.2.840.10008.1.2.4.90"),
        TransferSyntax.Get("1.2.840.10008.1.2.4.201"),
        TransferSyntax.Get("1.2.840.10008.1.2.4.202"),
    ];

    /// <summary>Null when frames of <paramref name="pixels"/> can be encoded in <paramref name="target"/>; else a sentence that says why not.</summary>
    public string? WhyNot(TransferSyntax target, ImagePixels pixels)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(pixels);
        return !Targets.Contains(target) ? $"Nothing is encoded in {target.Name} here."
            : pixels.Samples is not (1 or 3) ? $"Pixels of {pixels.Samples} samples are not encoded here."
            : KindOf(target) is null ? (pixels.BitsAllocated is 8 or 16 or 32 ? null : $"{pixels.BitsAllocated} bits allocated cannot be encoded in {target.Name}.")
            : pixels.BitsAllocated is 8 or 16 && pixels.BitsStored >= 2 ? pool.WhyNot
            : $"{pixels.BitsAllocated} bits allocated cannot be encoded in {target.Name} here.";
    }

    /// <summary>
    /// What the instance says of its pixels once they are encoded: pixel by pixel; RGB goes by the reversible colour transform in JPEG 2000
    /// (YBR_RCT, PS3.5 8.2.4).
    /// </summary>
    public static ImagePixels Encoded(TransferSyntax target, ImagePixels pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var full = pixels.IsSubsampled ? pixels with { Photometric = "YBR_FULL", IsPlanar = false } : pixels with { IsPlanar = false };
        return KindOf(target) is CodecKind.Jpeg2000 or CodecKind.HighThroughput && full is { Samples: 3, Photometric: "RGB" } ? full with { Photometric = "YBR_RCT" } : full;
    }

    /// <summary>Encodes one frame. What is written is the frame's bitstream; it may have an odd length.</summary>
    /// <param name="target">One of <see cref="Targets"/>.</param>
    /// <param name="pixels">How the native samples lie.</param>
    /// <param name="native">A frame of them.</param>
    /// <param name="output">Gets the stream.</param>
    /// <param name="cancellation">Stops waiting for a worker.</param>
    public async Task EncodeAsync(TransferSyntax target, ImagePixels pixels, ReadOnlyMemory<byte> native, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (WhyNot(target, pixels) is { } why)
        {
            throw new ImageException(why);
        }
        if (NativeSamples.AreByPixel(pixels))
        {
            await EncodeByPixelAsync(target, pixels, Whole(pixels, native), output, cancellation);
            return;
        }
        using var even = NativeSamples.ByPixel(pixels, native, pool.MaxFrameBytes);
        await EncodeByPixelAsync(target, even.Pixels, even.Bytes, output, cancellation);
    }

    private static ReadOnlyMemory<byte> Whole(ImagePixels pixels, ReadOnlyMemory<byte> native) => native.Length >= pixels.FrameLength
        ? native[..(int)pixels.FrameLength] : throw new ImageException($"The frame holds {native.Length} bytes, the instance says {pixels.FrameLength}.");

    private async Task EncodeByPixelAsync(TransferSyntax target, ImagePixels pixels, ReadOnlyMemory<byte> native, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        if (!verify)
        {
            await WriteAsync(target, pixels, native, output, cancellation);
            return;
        }
        using var stream = new RentedWriter();
        await WriteAsync(target, pixels, native, stream, cancellation);
        await VerifyAsync(target, pixels, native, stream.WrittenMemory, cancellation);
        output.Write(stream.WrittenMemory.Span);
    }

    private async Task WriteAsync(TransferSyntax target, ImagePixels pixels, ReadOnlyMemory<byte> native, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        if (KindOf(target) is { } kind)
        {
            await WorkAsync(kind, pixels, native, output, cancellation);
        }
        else
        {
            RleFrame.Encode(native.Span, pixels, output);
        }
    }

    private Task<CodecImage> WorkAsync(CodecKind kind, ImagePixels pixels, ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        var (bits, signed) = SampleCells.Significant(pixels, input.Span);
        if (kind == CodecKind.JpegLs && signed)
        {
            // Its samples have no sign: the whole cell is kept, in which two's complement is what it is.
            bits = pixels.BitsAllocated;
        }
        var flags = (signed && kind != CodecKind.JpegLs ? CodecFlags.Signed : 0) | (pixels.Photometric == "RGB" && kind != CodecKind.JpegLs ? CodecFlags.ColourTransform : 0);
        if (bits <= 8 && pixels.BitsAllocated == 16)
        {
            bits = 9; // workers take such samples in one byte, and the cell has two
        }
        var image = new CodecImage(pixels.Columns, pixels.Rows, pixels.Samples, bits, flags);
        var capacity = (int)Math.Min(int.MaxValue, 2L * input.Length + 64 * 1024);
        return pool.RunAsync(new CodecJob(kind, Encode: true, image, 0, capacity), input, (_, bytes) => output.Write(bytes), cancellation);
    }

    private async Task VerifyAsync(TransferSyntax target, ImagePixels pixels, ReadOnlyMemory<byte> native, ReadOnlyMemory<byte> stream, CancellationToken cancellation)
    {
        using var decoded = await _decoder.DecodeAsync(target, Encoded(target, pixels), stream, cancellation);
        if (!decoded.Bytes.Span.SequenceEqual(native.Span))
        {
            throw new ImageException($"A frame that was encoded in {target.Name} does not decode to the same samples.");
        }
    }

    private static CodecKind? KindOf(TransferSyntax target) => target.Uid switch
    {
        "1.2.840.10008.1.2.4.80" => CodecKind.JpegLs,
        "1.2.840.10008.1.2.4.90" => CodecKind.Jpeg2000,
        "1.2.840.10008.1.2.4.201" or "1.2.840.10008.1.2.4.202" => CodecKind.HighThroughput,
        _ => null,
    };
}
