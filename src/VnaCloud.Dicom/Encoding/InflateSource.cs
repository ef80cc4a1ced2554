using System.IO.Compression;

namespace VnaCloud.Dicom;

/// <summary>The inflated data set of Deflated Explicit VR Little Endian (PS3.5 section A.5), within limits.</summary>
public sealed class InflateSource : BufferedSource, IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;
    private const int LentBlock = 32;

    // Some writers leave gzip's checksum and length behind the data set; others pad it to even length.
    private const int LongestTrailer = 8;
    private readonly CompressedStream _compressed;
    private readonly Stream _inflate;
    private readonly DicomReadLimits _limits;
    private readonly long _base;
    private long _inflated;

    private InflateSource(ByteSource source, bool zlib, long offset, DicomReadLimits limits)
        : base(BufferSize)
    {
        _compressed = new CompressedStream(source);
        _inflate = zlib ? new ZLibStream(_compressed, CompressionMode.Decompress, leaveOpen: true)
            : new DeflateStream(_compressed, CompressionMode.Decompress, leaveOpen: true);
        _limits = limits;
        _base = offset;
        HasZlibWrapper = zlib;
    }

    /// <summary>The bytes are wrapped as RFC 1950 says, which PS3.5 does not allow but some writers do.</summary>
    public bool HasZlibWrapper { get; }

    /// <summary>Begins at the deflated bytes.</summary>
    /// <param name="source">Stands at the first deflated byte.</param>
    /// <param name="offset">Bytes before the data set, for the offsets in errors.</param>
    /// <param name="limits">Inflate limits.</param>
    /// <param name="cancellation">Stops waiting for bytes.</param>
    public static async ValueTask<InflateSource> OpenAsync(ByteSource source, long offset, DicomReadLimits limits, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        while (source.Window.Length < 2 && await source.FillAsync(cancellation))
        {
        }
        return new InflateSource(source, IsZlib(source.Window.Span), offset, limits);
    }

    /// <summary>Requires that nothing but padding or a checksum follows the last block of the deflate stream.</summary>
    /// <exception cref="DicomFormatException">More follows.</exception>
    public async ValueTask RequireEndAsync(CancellationToken cancellation)
    {
        if (await _compressed.SkipRestAsync(cancellation) > LongestTrailer)
        {
            throw new DicomFormatException(DicomFault.Malformed, "Bytes follow the deflated data set", _base + Position);
        }
    }

    /// <summary>Gives the buffers back; the source stays the caller's.</summary>
    public async ValueTask DisposeAsync()
    {
        await _inflate.DisposeAsync();
        Dispose();
    }

    /// <inheritdoc/>
    protected override async ValueTask<int> ReadAsync(Memory<byte> free, CancellationToken cancellation)
    {
        try
        {
            var read = await _inflate.ReadAsync(free, cancellation);
            if (read == 0 && _compressed.Ended)
            {
                // Asked for more after the last block it would not have: without it, an end between two elements would look whole.
                throw new DicomFormatException(DicomFault.Truncated, "The deflated data set ends without its last block", _base + Position);
            }
            _inflated += read;
            RequireRatio();
            return read;
        }
        catch (InvalidDataException invalid)
        {
            var fault = _compressed.Ended ? DicomFault.Truncated : DicomFault.Malformed;
            throw new DicomFormatException(fault, "The deflated data set cannot be inflated", _base + Position, null, invalid);
        }
    }

    // A raw deflate stream cannot begin so and be a data set: the low bits would be a stored or reserved block with wrong lengths.
    private static bool IsZlib(ReadOnlySpan<byte> bytes) => bytes.Length >= 2 && (bytes[0] & 0x0F) == 8 && ((bytes[0] << 8) | bytes[1]) % 31 == 0;

    private void RequireRatio()
    {
        if (_inflated > _limits.InflateAllowance && _inflated > _limits.InflateRatio * _compressed.Taken)
        {
            throw new DicomFormatException(DicomFault.InflateLimitExceeded,
                $"The data set inflates to more than {_limits.InflateRatio} times its size", _base + Position);
        }
    }

    // Lets a DeflateStream read a source. It does not tell how much of what it got lies behind the last block, so it gets little at a
    // time, in blocks whose ends do not depend on how the bytes arrive.
    private sealed class CompressedStream(ByteSource source) : ReadOnlyStream
    {
        public long Taken { get; private set; }

        public bool Ended { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (source.Window.Length == 0)
            {
                if (!await source.FillAsync(cancellationToken))
                {
                    Ended = true;
                    return 0;
                }
            }
            var count = (int)Math.Min(Math.Min(buffer.Length, source.Window.Length), LentBlock - Taken % LentBlock);
            source.Window[..count].CopyTo(buffer);
            source.Advance(count);
            Taken += count;
            return count;
        }

        /// <summary>Bytes after the block that was lent last, counted no further than is asked for.</summary>
        public async ValueTask<long> SkipRestAsync(CancellationToken cancellation)
        {
            await source.SkipAsync((LentBlock - Taken % LentBlock) % LentBlock, cancellation);
            return await source.SkipAsync(LongestTrailer + 1, cancellation);
        }
    }
}
