using System.IO.Pipelines;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>Writes a data set around frames that are made one after the other.</summary>
internal sealed class TranscodedFile(IObjectStore objects, StoredImage image, TranscodedHeader header)
{
    private readonly InstanceReader _instances = new(objects);

    public Task WriteFileMetaAsync(TransferSyntax target, PipeWriter output, CancellationToken cancellation) =>
        WriteAsync(DicomWriter.EncodeFileMeta(image.Header.FileMeta, target), output, cancellation);

    /// <summary>The data set in <paramref name="target"/>; a deflated one before deflation.</summary>
    public async Task WriteDataSetAsync(TransferSyntax target, Func<int, CancellationToken, Task<EncodedFrame>> make, PipeWriter output, CancellationToken cancellation)
    {
        await WriteAsync(header.Before, output, cancellation);
        var frames = FramesAhead.MakeAsync(Enumerable.Range(0, image.Frames), frame => make(frame, cancellation), cancellation);
        if (target.IsEncapsulated)
        {
            await WriteFragmentsAsync(frames, output, cancellation);
        }
        else
        {
            await WriteNativeAsync(frames, output, cancellation);
        }
        await WriteAsync(header.After, output, cancellation);
    }

    private static async Task WriteAsync(ReadOnlyMemory<byte> bytes, PipeWriter output, CancellationToken cancellation)
    {
        if ((await output.WriteAsync(bytes, cancellation)).IsCompleted)
        {
            throw new ReaderGoneException(cancellation);
        }
    }

    private async Task WriteAsync(DicomDataSet dataSet, PipeWriter output, CancellationToken cancellation)
    {
        foreach (var piece in DicomWriter.EncodeDataSet(dataSet, TransferSyntax.ExplicitVrLittleEndian))
        {
            if (piece.SourceLength == 0)
            {
                await WriteAsync(piece.Bytes, output, cancellation);
                continue;
            }
            var range = _instances.Range(image.Entry, image.Header, piece.SourceOffset, piece.SourceLength);
            var payload = piece.SwapUnit > 1 ? new SwappedPayload(range, piece.SwapUnit) : range;
            await payload.WriteAsync(output, 0, payload.Length, cancellation);
        }
    }

    private static async Task WriteFragmentsAsync(IAsyncEnumerable<EncodedFrame> frames, PipeWriter output, CancellationToken cancellation)
    {
        await WriteAsync(PixelDataElement.EncapsulatedHeader(), output, cancellation);
        await foreach (var frame in frames)
        {
            using (frame)
            {
                await WriteAsync(PixelDataElement.FragmentHeader(frame.Bytes.Length), output, cancellation);
                await WriteAsync(frame.Bytes, output, cancellation);
                await PadAsync(frame.Bytes.Length, output, cancellation);
            }
        }
        await WriteAsync(PixelDataElement.Delimitation, output, cancellation);
    }

    private async Task WriteNativeAsync(IAsyncEnumerable<EncodedFrame> frames, PipeWriter output, CancellationToken cancellation)
    {
        var length = (header.Pixels.FrameBits * image.Frames + 7) / 8;
        await WriteAsync(PixelDataElement.NativeHeader(header.Pixels, length), output, cancellation);
        var bits = header.Pixels.FrameBits % 8 == 0 ? null : new BitJoiner(header.Pixels.FrameBits);
        await foreach (var frame in frames)
        {
            using (frame)
            {
                await WriteAsync(bits?.Add(frame.Bytes.Span) ?? frame.Bytes, output, cancellation);
            }
        }
        await WriteAsync(bits?.Rest ?? default, output, cancellation);
        await PadAsync(length, output, cancellation);
    }

    private static Task PadAsync(long length, PipeWriter output, CancellationToken cancellation) =>
        length % 2 == 0 ? Task.CompletedTask : WriteAsync(new byte[1], output, cancellation);
}
