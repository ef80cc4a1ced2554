using System.IO.Compression;
using System.IO.Pipelines;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>Writes frames and whole instances in another transfer syntax than the stored one.</summary>
internal sealed class Transcoder(FrameDecoder decoder, FrameEncoder encoder, UndecodableInstances undecodable)
{
    /// <summary>What native instances and frames are given in, and what they are encoded in.</summary>
    public static IReadOnlyList<TransferSyntax> Targets { get; } =
        [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.DeflatedExplicitVrLittleEndian, .. FrameEncoder.Targets];

    /// <summary>Null when the instance can be given in <paramref name="target"/>, as far as the index says; else why not.</summary>
    public string? WhyNot(InstanceEntry entry, TransferSyntax target)
    {
        var stored = TransferSyntax.Get(entry.Attributes.TransferSyntaxUid);
        if (!Targets.Contains(target))
        {
            return $"Nothing is given in {target.Name} that is not stored so.";
        }
        if (!stored.IsKnown || stored.IsReferenced)
        {
            return $"{stored.Name} cannot be changed.";
        }
        if (target.Uid == TransferSyntax.ExplicitVrLittleEndian.Uid && (!stored.IsEncapsulated || entry.Frames.Layout == FrameLayout.None))
        {
            return null;
        }
        if (entry.Frames.Layout == FrameLayout.None)
        {
            return $"An instance without pixel data is not given in {target.Name}.";
        }
        var why = entry.Frames.Layout == FrameLayout.Encapsulated ? decoder.WhyNot(stored)
            : stored.IsEncapsulated || entry.Frames.Layout == FrameLayout.Unknown ? $"The frames of this instance in {stored.Name} cannot be told apart." : null;
        return why ?? (target.IsEncapsulated ? encoder.WhyNot(target, PixelsOf(entry)) : null);
    }

    /// <summary>As above for all of its frames: also what turned out when it was tried.</summary>
    public string? WhyNotWhole(InstanceEntry entry, TransferSyntax target) => WhyNot(entry, target) ?? undecodable.WhyNot(entry, target);

    /// <summary>One frame in <paramref name="target"/>.</summary>
    public async Task<EncodedFrame> FrameAsync(StoredImage image, int frame, TransferSyntax target, CancellationToken cancellation)
    {
        var native = await image.FrameAsync(frame, cancellation);
        if (!target.IsEncapsulated)
        {
            return new EncodedFrame(native.Bytes, native);
        }
        using (native)
        {
            var stream = new RentedWriter();
            try
            {
                await encoder.EncodeAsync(target, native.Pixels, native.Bytes, stream, cancellation);
                return new EncodedFrame(stream.WrittenMemory, stream);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
    }

    /// <summary>Prepares a whole instance: when this returns its first frame is made, so that what cannot be done is known before the first byte.</summary>
    public async Task<TranscodedInstance> InstanceAsync(IObjectStore objects, InstanceEntry entry, TransferSyntax target, CancellationToken cancellation)
    {
        try
        {
            var (held, write) = await PrepareAsync(objects, entry, target, cancellation);
            return new TranscodedInstance(held, async (output, token) =>
            {
                try
                {
                    await write(output, token);
                }
                catch (ImageException damage)
                {
                    undecodable.Add(entry, target, damage.Message);
                    throw;
                }
            });
        }
        catch (ImageException damage)
        {
            undecodable.Add(entry, target, damage.Message);
            throw;
        }
    }

    private async Task<(long Held, Func<PipeWriter, CancellationToken, Task> Write)> PrepareAsync(IObjectStore objects, InstanceEntry entry, TransferSyntax target, CancellationToken cancellation)
    {
        var image = await StoredImage.WholeAsync(objects, decoder, entry, cancellation);
        if (image.Header.DataSet[DicomTags.PixelData] is null)
        {
            throw new ImageException($"Pixel data of floating point numbers is not given in {target.Name}.");
        }
        var first = await FrameAsync(image, 0, target, cancellation);
        var pixels = target.IsEncapsulated ? FrameEncoder.Encoded(target, image.Decoded) : image.Decoded;
        var native = pixels.FrameBits / 8 * image.Frames;
        if (!target.IsEncapsulated && native > PixelDataElement.MaxNativeLength)
        {
            first.Dispose();
            throw new ImageException($"The uncompressed pixel data of {native} bytes is more than an element can hold (4 GiB).");
        }
        var header = TranscodedHeader.Of(image.Header.DataSet, image.Syntax, pixels, (double)native / Math.Max(1, entry.Frames.PixelLength));
        // A data set in memory is some times as large as its bytes.
        var held = first.Bytes.Length + (4 * Math.Max(0, entry.Data.Length - entry.Frames.PixelLength));
        return (held, (output, token) => WriteAsync(new TranscodedFile(objects, image, header), target, Frame, output, token));

        Task<EncodedFrame> Frame(int frame, CancellationToken token) => frame == 0 ? Task.FromResult(first) : FrameAsync(image, frame, target, token);
    }

    private static ImagePixels PixelsOf(InstanceEntry entry)
    {
        var bits = entry.Attributes.BitsAllocated ?? 16;
        return new ImagePixels { Rows = entry.Attributes.Rows ?? 1, Columns = entry.Attributes.Columns ?? 1, BitsAllocated = bits, BitsStored = bits, HighBit = bits - 1, Photometric = "MONOCHROME2" };
    }

    private static async Task WriteAsync(TranscodedFile file, TransferSyntax target, Func<int, CancellationToken, Task<EncodedFrame>> make, PipeWriter output, CancellationToken cancellation)
    {
        await file.WriteFileMetaAsync(target, output, cancellation);
        if (!target.IsDeflated)
        {
            await file.WriteDataSetAsync(target, make, output, cancellation);
            return;
        }
        await using var deflate = new DeflateStream(output.AsStream(leaveOpen: true), CompressionLevel.Fastest, leaveOpen: true);
        var inner = PipeWriter.Create(deflate, new StreamPipeWriterOptions(leaveOpen: true));
        await file.WriteDataSetAsync(target, make, inner, cancellation);
        await inner.CompleteAsync();
    }
}

/// <summary>An instance whose first frame is made.</summary>
/// <param name="HeldBytes">What it takes in memory.</param>
/// <param name="WriteAsync">Writes all of it, once.</param>
internal sealed record TranscodedInstance(long HeldBytes, Func<PipeWriter, CancellationToken, Task> WriteAsync);
