using System.Buffers;
using System.Security.Cryptography;
using VnaCloud.Dicom;
using VnaCloud.Imaging;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>A compressed copy of an object.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Length">Bytes of it.</param>
/// <param name="Digest">SHA-256 of the original's data set, in Base64. Whoever puts the decoded frames where the fragments are has that data set again.</param>
internal sealed record CompressedObject(string Path, long Length, string Digest);

/// <summary>
/// Compresses objects without loss. Each frame is decoded again and compared; every other byte of the data set is copied. On any doubt there is no
/// compressed object, and the original goes.
/// </summary>
internal sealed partial class Compressor(CodecPool pool, TimeProvider time, ILogger<Compressor> logger)
{
    // Less than a tenth saved is not worth an archive's time.
    private const int WorthPercent = 90;
    private const int CopyBytes = 128 * 1024;

    // A worker that does not start takes its time to show it, for each object again.
    private static readonly TimeSpan WithoutWorkers = TimeSpan.FromMinutes(1);

    private readonly FrameEncoder _encoder = new(pool, verify: true);
    private long _unavailableUntil;

    /// <param name="path">The original, which is only read.</param>
    /// <param name="to">A file that there is not yet; there is none afterwards where the answer is null.</param>
    /// <param name="target">Transfer syntax.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<CompressedObject?> TryAsync(string path, string to, TransferSyntax target, CancellationToken cancellation)
    {
        CompressedObject? made = null;
        if (time.GetUtcNow().UtcTicks < Interlocked.Read(ref _unavailableUntil))
        {
            return null;
        }
        try
        {
            return made = await CompressAsync(path, to, target, cancellation);
        }
        catch (Exception doubt) when (doubt is ImageException or CodecCrashException or CodecUnavailableException or CodecBusyException or IOException or DicomFormatException)
        {
            if (doubt is CodecUnavailableException)
            {
                Interlocked.Exchange(ref _unavailableUntil, (time.GetUtcNow() + WithoutWorkers).UtcTicks);
            }
            Log.NotCompressed(logger, Path.GetFileNameWithoutExtension(path), doubt.Message);
            return null;
        }
        finally
        {
            if (made is null)
            {
                File.Delete(to);
            }
        }
    }

    private async Task<CompressedObject?> CompressAsync(string path, string to, TransferSyntax target, CancellationToken cancellation)
    {
        await using var header = Open(path);
        if (await NativeImage.FindAsync(header, target, cancellation) is not { } image
            || image.Frames.FrameLength > pool.MaxFrameBytes || _encoder.WhyNot(target, image.Pixels) is not null)
        {
            return null;
        }
        await using var original = Open(path);
        var before = new byte[2 * NativeImage.ElementHeaderBytes];
        original.Position = image.Frames.PixelOffset - before.Length;
        await original.ReadExactlyAsync(before, cancellation);
        if (!NativeImage.IsPlain(before))
        {
            return null;
        }
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var output = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.Read, CopyBytes);
        await output.WriteAsync(DicomWriter.EncodeFileMeta(image.FileMeta, target), cancellation);
        original.Position = image.DataSetOffset;
        await CopyAsync(original, output, image.ElementOffset, digest, cancellation);
        await original.ReadExactlyAsync(before.AsMemory(0, NativeImage.ElementHeaderBytes), cancellation);
        digest.AppendData(before.AsSpan(0, NativeImage.ElementHeaderBytes));
        var most = original.Length / 100 * WorthPercent;
        if (!await WriteFramesAsync(image, target, (original, output), digest, most, cancellation))
        {
            return null;
        }
        await CopyAsync(original, output, original.Length, digest, cancellation);
        await output.FlushAsync(cancellation);
        return output.Length <= most ? new CompressedObject(to, output.Length, Convert.ToBase64String(digest.GetHashAndReset())) : null;
    }

    // False as soon as it is not worth it.
    private async Task<bool> WriteFramesAsync(NativeImage image, TransferSyntax target, (FileStream Original, FileStream Output) files, IncrementalHash digest, long most, CancellationToken cancellation)
    {
        var (original, output) = files;
        await output.WriteAsync(PixelDataElement.EncapsulatedHeader(), cancellation);
        var rented = ArrayPool<byte>.Shared.Rent((int)image.Frames.FrameLength);
        try
        {
            var frame = rented.AsMemory(0, (int)image.Frames.FrameLength);
            using var stream = new RentedWriter();
            for (var i = 0; i < image.Frames.Count; i++)
            {
                await original.ReadExactlyAsync(frame, cancellation);
                digest.AppendData(frame.Span);
                stream.Clear();
                await _encoder.EncodeAsync(target, image.Pixels, frame, stream, cancellation);
                await output.WriteAsync(PixelDataElement.FragmentHeader(stream.WrittenCount), cancellation);
                await output.WriteAsync(stream.WrittenMemory, cancellation);
                if (stream.WrittenCount % 2 != 0)
                {
                    output.WriteByte(0);
                }
                if (output.Position > most)
                {
                    return false;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        await output.WriteAsync(PixelDataElement.Delimitation, cancellation);
        return true;
    }

    private static async Task CopyAsync(FileStream from, FileStream to, long end, IncrementalHash digest, CancellationToken cancellation)
    {
        var buffer = new byte[(int)Math.Min(CopyBytes, end - from.Position)];
        while (from.Position < end)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - from.Position));
            await from.ReadExactlyAsync(piece, cancellation);
            digest.AppendData(piece.Span);
            await to.WriteAsync(piece, cancellation);
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    private static partial class Log
    {
        [LoggerMessage(4120, LogLevel.Warning, "{Receipt} goes as it came: it could not be compressed. {Reason}")]
        public static partial void NotCompressed(ILogger logger, string receipt, string reason);
    }
}
