using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>
/// A /metadata answer out of stored segments: one gzip stream in which the segments stand as they are stored, the array's brackets and
/// commas and the base URL in the holes are stored deflate blocks, and the CRC is combined. Nothing is parsed, serialised or compressed.
/// </summary>
public sealed class MetadataAnswer
{
    private const int ReadStep = 256 * 1024;
    // A flush wakes the thread that sends.
    private const int FlushStep = 128 * 1024;
    private readonly IReadOnlyList<InstanceEntry> _instances;
    private readonly byte[] _base;
    private readonly byte[] _hole;

    /// <summary>Prepares an answer.</summary>
    /// <param name="instances">In the order of the answer.</param>
    /// <param name="baseUrl">What goes into the holes, such as "https://host/dicom-web"; JSON-escaped here.</param>
    public MetadataAnswer(IReadOnlyList<InstanceEntry> instances, string baseUrl)
    {
        ArgumentNullException.ThrowIfNull(instances);
        _instances = instances;
        _base = Encoding.UTF8.GetBytes(System.Text.Json.JsonEncodedText.Encode(baseUrl, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value);
        if (_base.Length > GzipFrame.MaxStored)
        {
            throw new ArgumentException("The base URL is too long.", nameof(baseUrl));
        }
        _hole = GzipFrame.Stored(_base);
        var (compressed, inflated) = (0L, 0L);
        foreach (var instance in instances)
        {
            var segments = instance.Metadata.Segments;
            compressed += GzipFrame.StoredOverhead + 1 + (long)(segments.Count - 1) * _hole.Length;
            inflated += 1 + (long)(segments.Count - 1) * _base.Length;
            for (var i = 0; i < segments.Count; i++)
            {
                compressed += segments[i].Length;
                inflated += segments[i].InflatedLength;
            }
        }
        GzipLength = GzipFrame.Header.Length + compressed + GzipFrame.StoredOverhead + 1 + GzipFrame.TrailerLength;
        Length = inflated + 1;
    }

    /// <summary>Exact bytes of the gzip answer.</summary>
    public long GzipLength { get; }

    /// <summary>Exact bytes of the JSON.</summary>
    public long Length { get; }

    /// <summary>Writes the gzip stream.</summary>
    public async Task WriteGzipAsync(IObjectStore store, PipeWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(GzipFrame.Header);
        var (crc, length) = (0u, 0L);
        // Marks, holes and most segments have lengths that came before: a power is computed once for each.
        var powers = new Dictionary<int, uint>();
        void Append(int textLength, uint textCrc)
        {
            if (!powers.TryGetValue(textLength, out var power))
            {
                powers.Add(textLength, power = Crc32.PowerOfBytes(textLength));
            }
            crc = Crc32.Shift(crc, power) ^ textCrc;
            length += textLength;
        }
        var holeCrc = Crc32.Append(0, _base);
        var (open, comma) = (GzipFrame.Stored("["u8), GzipFrame.Stored(","u8));
        var (openCrc, commaCrc) = (Crc32.Append(0, "["u8), Crc32.Append(0, ","u8));
        using var reader = new RunReader(store, _instances);
        for (var i = 0; i < _instances.Count; i++)
        {
            output.Write(i == 0 ? open : comma);
            Append(1, i == 0 ? openCrc : commaCrc);
            var segments = _instances[i].Metadata.Segments;
            for (var s = 0; s < segments.Count; s++)
            {
                if (s > 0)
                {
                    output.Write(_hole);
                    Append(_base.Length, holeCrc);
                }
                await reader.CopyAsync(i, segments[s].Length, output, cancellation);
                Append(segments[s].InflatedLength, segments[s].Crc32);
            }
            if (output.UnflushedBytes >= FlushStep)
            {
                await ObjectCopier.FlushAsync(output, cancellation);
            }
        }
        output.Write(GzipFrame.Stored("]"u8));
        Append(1, Crc32.Append(0, "]"u8));
        output.Write(GzipFrame.Trailer(crc, length));
        await ObjectCopier.FlushAsync(output, cancellation);
    }

    /// <summary>Writes the JSON itself, for clients that do not take gzip: the same stream, inflated on the way.</summary>
    public async Task WriteIdentityAsync(IObjectStore store, PipeWriter output, CancellationToken cancellation)
    {
        var pipe = new Pipe();
        var writing = WriteAndCompleteAsync(store, pipe.Writer, cancellation);
        await using (var inflate = new GZipStream(pipe.Reader.AsStream(), CompressionMode.Decompress))
        {
            int read;
            while ((read = await inflate.ReadAsync(output.GetMemory(ReadStep / 4), cancellation)) > 0)
            {
                output.Advance(read);
                await ObjectCopier.FlushAsync(output, cancellation);
            }
        }
        await writing;
    }

    private async Task WriteAndCompleteAsync(IObjectStore store, PipeWriter writer, CancellationToken cancellation)
    {
        Exception? failure = null;
        try
        {
            await WriteGzipAsync(store, writer, cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            failure = e;
        }
        await writer.CompleteAsync(failure);
    }

    /// <summary>Reads stored segments in runs: neighbours in one pack come with one read.</summary>
    private sealed class RunReader(IObjectStore store, IReadOnlyList<InstanceEntry> instances) : IDisposable
    {
        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadStep);
        private int _start;
        private int _end;
        private int _instance = -1;
        private long _next;
        private long _runLeft;

        public async ValueTask CopyAsync(int instance, int length, PipeWriter output, CancellationToken cancellation)
        {
            if (instance != _instance)
            {
                Enter(instance);
            }
            while (length > 0)
            {
                if (_start == _end)
                {
                    await FillAsync(cancellation);
                }
                var take = Math.Min(length, _end - _start);
                output.Write(_buffer.AsSpan(_start, take));
                _start += take;
                length -= take;
            }
        }

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        // The next instance goes on where the last one ended, or begins a run of its own.
        private void Enter(int instance)
        {
            var place = instances[instance].Metadata;
            if (_instance < 0 || _runLeft + _end - _start == 0 || place.PackKey != instances[_instance].Metadata.PackKey || place.Offset != _next - (_end - _start))
            {
                _start = _end = 0;
                _next = place.Offset;
                _runLeft = RunLength(instance);
            }
            _instance = instance;
        }

        private long RunLength(int first)
        {
            var length = 0L;
            for (var i = first; i < instances.Count; i++)
            {
                var place = instances[i].Metadata;
                if (place.PackKey != instances[first].Metadata.PackKey || place.Offset != instances[first].Metadata.Offset + length)
                {
                    break;
                }
                for (var s = 0; s < place.Segments.Count; s++)
                {
                    length += place.Segments[s].Length;
                }
            }
            return length;
        }

        private async ValueTask FillAsync(CancellationToken cancellation)
        {
            var wanted = (int)Math.Min(_buffer.Length, _runLeft);
            var key = instances[_instance].Metadata.PackKey;
            var read = await store.ReadAsync(key, _next, _buffer.AsMemory(0, wanted), cancellation);
            if (read < wanted || wanted == 0)
            {
                throw new TruncatedObjectException(key);
            }
            _start = 0;
            _end = read;
            _next += read;
            _runLeft -= read;
        }
    }
}
