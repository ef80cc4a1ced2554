using System.IO.Compression;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// Frames out of their stored encoding. JPEG of the sequential and lossless processes, RLE, deflated and uncompressed frames are decoded
/// here; JPEG-LS, JPEG 2000 and High-Throughput JPEG 2000 by workers, and baseline JPEG too where there are any, being faster.
/// </summary>
public sealed class FrameDecoder(CodecPool pool)
{
    private const string Root = "1.2.840.10008.1.2";

    /// <summary>Bytes of a frame at most, decoded or not.</summary>
    public int MaxFrameBytes => pool.MaxFrameBytes;

    /// <summary>Whether frames of this syntax can be decoded, with workers.</summary>
    public static bool IsSupported(TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        return MethodOf(syntax) != Method.None;
    }

    /// <summary>Null when frames of this syntax can be decoded here and now; else a sentence that says why not.</summary>
    public string? WhyNot(TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        return MethodOf(syntax) switch
        {
            Method.None => $"Frames of {syntax.Name} cannot be decoded here.",
            Method.JpegLs or Method.Jpeg2000 or Method.HighThroughput => pool.WhyNot,
            _ => null,
        };
    }

    /// <summary>
    /// What an image is once it is decoded: pixel by pixel, and RGB where the compression had made something else of the colours. JPEG's
    /// YBR_FULL_422 becomes RGB, as do YBR_RCT and YBR_ICT (PS3.5 8.2.4); YBR_FULL of lossless syntaxes stays.
    /// </summary>
    public static ImagePixels Decoded(TransferSyntax syntax, ImagePixels pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        return MethodOf(syntax) switch
        {
            Method.Uncompressed or Method.Deflated => pixels,
            Method.Jpeg when pixels.Samples == 3 => pixels with { IsPlanar = false, Photometric = "RGB" },
            _ when pixels.Photometric is "YBR_RCT" or "YBR_ICT" => pixels with { IsPlanar = false, Photometric = "RGB" },
            _ => pixels with { IsPlanar = false },
        };
    }

    /// <summary>Decodes one frame.</summary>
    /// <param name="syntax">Its transfer syntax, an encapsulated one.</param>
    /// <param name="pixels">What the instance says of it.</param>
    /// <param name="stream">The frame's fragments, joined.</param>
    /// <param name="cancellation">Stops managed decoders, and waiting for a worker.</param>
    /// <exception cref="ImageException">The frame is damaged, of another geometry, or not supported.</exception>
    public async Task<FrameSamples> DecodeAsync(TransferSyntax syntax, ImagePixels pixels, ReadOnlyMemory<byte> stream, CancellationToken cancellation)
    {
        var samples = FrameSamples.Rent(Decoded(syntax, pixels), pool.MaxFrameBytes);
        try
        {
            switch (MethodOf(syntax))
            {
                case Method.Uncompressed:
                    Require(stream.Length >= samples.Length, stream.Length, samples.Length);
                    stream[..samples.Length].CopyTo(samples.Bytes);
                    break;
                case Method.Deflated:
                    await InflateAsync(stream, samples, cancellation);
                    break;
                case Method.Rle:
                    RleFrame.Decode(stream.Span, pixels, samples.Bytes.Span);
                    break;
                case Method.Jpeg or Method.LosslessJpeg:
                    await JpegAsync(pixels, stream, samples, cancellation);
                    break;
                case Method.JpegLs:
                    await WorkAsync(CodecKind.JpegLs, CodecFlags.None, stream, samples, cancellation);
                    break;
                case Method.Jpeg2000:
                    await WorkAsync(CodecKind.Jpeg2000, CodecFlags.None, stream, samples, cancellation);
                    break;
                case Method.HighThroughput:
                    await WorkAsync(CodecKind.HighThroughput, CodecFlags.None, stream, samples, cancellation);
                    break;
                default:
                    throw new ImageException(WhyNot(syntax)!);
            }
            if (syntax.IsLossy && pixels.BitsAllocated == 16 && pixels.BitsStored < 16 && pixels.HighBit == pixels.BitsStored - 1)
            {
                SampleCells.Clamp(pixels, samples.Bytes.Span);
            }
            return samples;
        }
        catch
        {
            samples.Dispose();
            throw;
        }
    }

    private enum Method
    {
        None,
        Uncompressed,
        Deflated,
        Rle,
        Jpeg,
        LosslessJpeg,
        JpegLs,
        Jpeg2000,
        HighThroughput,
    }

    private static Method MethodOf(TransferSyntax syntax) => !syntax.Uid.StartsWith(Root, StringComparison.Ordinal) ? Method.None : syntax.Uid[Root.Length..] switch
    {
        ".1.98" => Method.Uncompressed,
        ".8.1" => Method.Deflated,
        ".5" => Method.Rle,
        ".4.50" or ".4.51" => Method.Jpeg,
        ".4.57" or ".4.70" => Method.LosslessJpeg,
        ".4.80" or ".4.81" => Method.JpegLs,
        ".4.90" or ".4.91" => Method.Jpeg2000,
        ".4.201" or ".4.202" or ".4.203" => Method.HighThroughput,
        _ => Method.None,
    };

    private async Task JpegAsync(ImagePixels pixels, ReadOnlyMemory<byte> stream, FrameSamples samples, CancellationToken cancellation)
    {
        var header = JpegHeader.Read(stream.Span);
        var toRgb = samples.Pixels.Photometric == "RGB" && JpegColour.IsYcc(header, pixels);
        var isFast = header is { Process: JpegProcess.Baseline or JpegProcess.ExtendedSequential or JpegProcess.Progressive, Precision: 8 } && pool.WhyNot is null;
        if (isFast)
        {
            await WorkAsync(CodecKind.Jpeg, toRgb ? CodecFlags.ColourTransform : CodecFlags.None, stream, samples, cancellation);
            return;
        }
        var image = new CodecImage(header.Width, header.Height, header.Components.Count, header.Precision, CodecFlags.None);
        Require(image.Length <= samples.Length, image.Length, samples.Length);
        using var raw = FrameSamples.Rent(samples.Pixels with { Rows = image.Height, Columns = image.Width, Samples = image.Samples, BitsAllocated = 8 * image.BytesOfSample, Photometric = "" }, pool.MaxFrameBytes);
        JpegDecoder.Decode(stream.Span, header, raw.Bytes.Span, cancellation);
        if (toRgb)
        {
            JpegColour.ToRgb(raw.Bytes.Span, header.Precision);
        }
        SampleCells.Put(image, raw.Bytes.Span, samples.Pixels, samples.Bytes.Span);
    }

    private Task<CodecImage> WorkAsync(CodecKind kind, CodecFlags flags, ReadOnlyMemory<byte> stream, FrameSamples samples, CancellationToken cancellation)
    {
        // One-bit samples come one in a byte.
        var capacity = (int)Math.Min(int.MaxValue, samples.Pixels.BitsAllocated == 1 ? samples.Pixels.FrameBits : samples.Length);
        var job = new CodecJob(kind, Encode: false, new CodecImage(0, 0, 0, 0, flags), 0, capacity);
        return pool.RunAsync(job, stream, (image, bytes) => SampleCells.Put(image, bytes, samples.Pixels, samples.Bytes.Span), cancellation);
    }

    // Deflated Image Frame Compression (PS3.5 A.4.12): one deflate stream for each frame.
    private static async Task InflateAsync(ReadOnlyMemory<byte> stream, FrameSamples samples, CancellationToken cancellation)
    {
        await using var deflate = new DeflateStream(new ReadOnlyMemoryStream(stream), CompressionMode.Decompress);
        try
        {
            var read = await deflate.ReadAtLeastAsync(samples.Bytes, samples.Length, throwOnEndOfStream: false, cancellation);
            Require(read == samples.Length, read, samples.Length);
        }
        catch (InvalidDataException damage)
        {
            throw new ImageException("The frame is not a deflate stream.", damage);
        }
    }

    private static void Require(bool condition, long actual, long expected)
    {
        if (!condition)
        {
            throw new ImageException($"The frame holds {actual} bytes, the instance says {expected}.");
        }
    }
}
