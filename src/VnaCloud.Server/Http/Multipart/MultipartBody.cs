using VnaCloud.Dicom;

namespace VnaCloud.Server.Http.Multipart;

/// <summary>
/// Reads a multipart/related request body part by part (RFC 2046 5.1, PS3.18 8.6.1) through one buffer; content is never copied.
/// A preamble and an epilogue are ignored; the latter is not even read.
/// </summary>
internal sealed class MultipartBody : IDisposable
{
    private readonly DelimitedBuffer _buffer;
    private readonly MultipartLimits _limits;
    private PartContent _current;
    private int _parts;
    private bool _closed;

    /// <param name="body">Stays the caller's to close.</param>
    /// <param name="boundary">As <see cref="MultipartContentType"/> checked it.</param>
    /// <param name="limits">What the body may hold.</param>
    public MultipartBody(Stream body, string boundary, MultipartLimits limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(boundary);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(boundary.Length, MultipartLimits.BoundaryLength);
        _buffer = new DelimitedBuffer(body, boundary);
        _limits = limits;
        _current = new PartContent(this, limits.PreambleBytes, MultipartFault.Malformed, "The body does not begin with a delimiter.");
    }

    /// <summary>The next part, or null after the closing delimiter.</summary>
    /// <exception cref="MultipartFormatException">Not multipart, cut off, or past a limit.</exception>
    public async ValueTask<MultipartPart?> ReadPartAsync(CancellationToken cancellation)
    {
        if (_closed)
        {
            return null;
        }
        await _current.SkipAsync(long.MaxValue, cancellation);
        _buffer.ConsumeDelimiter();
        await _buffer.RequireAsync(2, cancellation);
        if (_buffer.Buffered.StartsWith("--"u8))
        {
            _closed = true;
            _current = PartContent.None;
            return null;
        }
        if (++_parts > _limits.Parts)
        {
            throw new MultipartFormatException(MultipartFault.TooLarge, $"The body has more than {_limits.Parts} parts.");
        }
        var headers = await ReadHeadersAsync(cancellation);
        _current = new PartContent(this, _limits.PartBytes, MultipartFault.TooLarge, $"A part is longer than {_limits.PartBytes} bytes.");
        return new MultipartPart(headers, _current);
    }

    public void Dispose()
    {
        _closed = true;
        _current = PartContent.None;
        _buffer.Dispose();
    }

    private async ValueTask<IReadOnlyDictionary<string, string>> ReadHeadersAsync(CancellationToken cancellation)
    {
        var searched = 0;
        int at;
        while ((at = _buffer.Buffered[searched..].IndexOf("\r\n\r\n"u8)) < 0)
        {
            searched = Math.Max(0, _buffer.Buffered.Length - 3);
            RefuseLong(searched);
            await _buffer.ReadAsync(cancellation);
        }
        var length = searched + at;
        RefuseLong(length);
        var headers = PartHeaders.Parse(_buffer.Buffered[..length], _limits.PartHeaders);
        await _buffer.ConsumeHeadersAsync(length + 4, cancellation);
        return headers;
    }

    private void RefuseLong(int headerBytes)
    {
        if (headerBytes > _limits.PartHeaderBytes)
        {
            throw new MultipartFormatException(
                MultipartFault.TooLarge, $"The headers of a part are longer than {_limits.PartHeaderBytes} bytes.");
        }
    }

    /// <summary>The window on the current part; empty as soon as another part is current.</summary>
    private sealed class PartContent(MultipartBody? body, long limit, MultipartFault fault, string message) : ByteSource
    {
        public static readonly PartContent None = new(null, 0, MultipartFault.Malformed, "");

        private long _position;

        public override ReadOnlyMemory<byte> Window => IsCurrent ? body!._buffer.Content : default;

        public override long Position => _position;

        public override int MaxWindow => body?._buffer.MaxContent ?? 0;

        private bool IsCurrent => body?._current == this;

        public override void Advance(int count)
        {
            if (!IsCurrent)
            {
                ArgumentOutOfRangeException.ThrowIfNotEqual(count, 0);
                return;
            }
            body!._buffer.ConsumeContent(count);
            _position += count;
        }

        public override async ValueTask<bool> FillAsync(CancellationToken cancellation)
        {
            if (!IsCurrent || body!._buffer.DelimiterFound)
            {
                return false;
            }
            var before = Window.Length;
            await body._buffer.FillContentAsync(cancellation);
            if (_position + Window.Length > limit)
            {
                throw new MultipartFormatException(fault, message);
            }
            return Window.Length > before;
        }
    }
}
