using Microsoft.Win32.SafeHandles;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Multipart;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>A stretch of the spool.</summary>
internal readonly record struct SpoolRange(long Offset, long Length)
{
    public long End => Offset + Length;
}

/// <summary>
/// Bulk data of one request on its way into instances: one file, made when it is first needed, which has no name any more, so that it
/// ends with the request or the process. Bulk data arrives before it is known where it goes, and a video is larger than memory.
/// </summary>
internal sealed class Spool(string folder, long limit) : IDisposable
{
    private SafeFileHandle? _file;

    public long Length { get; private set; }

    /// <summary>Appends a part to its end.</summary>
    public async ValueTask<SpoolRange> AppendAsync(ByteSource part, CancellationToken cancellation)
    {
        var start = Length;
        do
        {
            var window = part.Window;
            if (window.Length > 0)
            {
                await RandomAccess.WriteAsync(FileFor(window.Length), window, Length, cancellation);
                Length += window.Length;
                part.Advance(window.Length);
            }
        }
        while (await part.FillAsync(cancellation));
        return new SpoolRange(start, Length - start);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
        {
            RandomAccess.Write(FileFor(bytes.Length), bytes, Length);
            Length += bytes.Length;
        }
    }

    /// <summary>Fills <paramref name="destination"/>; a range that was appended is there.</summary>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        while (destination.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(_file ?? throw Missing(), destination, offset, cancellation);
            (offset, destination) = (offset + read, read > 0 ? destination[read..] : throw Missing());
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, for the few bytes of a header.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(_file ?? throw Missing(), destination, offset);
            destination = read > 0 ? destination[read..] : throw Missing();
            offset += read;
        }
    }

    public void Dispose() => _file?.Dispose();

    private SafeFileHandle FileFor(int more)
    {
        if (Length + more > limit)
        {
            throw new MultipartFormatException(MultipartFault.TooLarge, $"The bulk data of the request is longer than {limit} bytes.");
        }
        return _file ??= Create();
    }

    private SafeFileHandle Create()
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"stow-{Guid.NewGuid():N}.bulk");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.Asynchronous);
        File.Delete(path);
        return file;
    }

    private static InvalidOperationException Missing() => new("The spool ends before a range that is in it.");
}
