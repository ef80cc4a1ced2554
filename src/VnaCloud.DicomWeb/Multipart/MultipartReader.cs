using System.Buffers;
using System.Text;

namespace VnaCloud.DicomWeb;

/// <summary>
/// Takes a multipart body apart while it arrives (RFC 2046 5.1): one buffer, a part is a stream out of it, and a delimiter may lie across
/// any number of reads. A body without closing delimiter is cut off, whatever the transport says.
/// </summary>
internal sealed class MultipartReader : IDisposable
{
    private const int BufferSize = 256 * 1024;
    private readonly Stream _body;
    private readonly byte[] _delimiter;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private int _content;
    private bool _found;
    private bool _closed;
    private int _part;

    /// <param name="body">Stays the caller's to close.</param>
    /// <param name="boundary">Of the Content-Type.</param>
    public MultipartReader(Stream body, string boundary)
    {
        ArgumentException.ThrowIfNullOrEmpty(boundary);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(boundary.Length, MultipartLimits.BoundaryLength);
        _body = body;
        _delimiter = Encoding.ASCII.GetBytes($"\r\n--{boundary}");
        // The first delimiter may stand at the very start: with a CRLF before it, it is like all others.
        "\r\n"u8.CopyTo(_bytes);
        _end = 2;
    }

    private Span<byte> Buffered => _bytes.AsSpan(_start, _end - _start);

    /// <summary>The next part, whatever is left of the one before being passed over; null after the closing delimiter.</summary>
    public async ValueTask<RetrievedPart?> ReadPartAsync(CancellationToken cancellation)
    {
        if (_closed)
        {
            return null;
        }
        await SkipContentAsync(cancellation);
        _start += _delimiter.Length;
        (_content, _found) = (0, false);
        await RequireAsync(2, cancellation);
        _part++;
        if (Buffered.StartsWith("--"u8))
        {
            _closed = true;
            return null;
        }
        if (_part > MultipartLimits.Parts)
        {
            throw Malformed($"The answer has more than {MultipartLimits.Parts} parts.");
        }
        var headers = await ReadHeadersAsync(cancellation);
        return new RetrievedPart(headers, new PartStream(this, _part));
    }

    public void Dispose()
    {
        _closed = true;
        _part = 0;
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            _start = _end = _content = 0;
        }
    }

    private static DicomWebException Malformed(string message) => new(new WebError(WebFault.Malformed, message));

    private async ValueTask SkipContentAsync(CancellationToken cancellation)
    {
        long skipped = 0;
        Search();
        while (!_found || _content > 0)
        {
            skipped += _content;
            if (_part == 0 && skipped > MultipartLimits.PreambleBytes)
            {
                throw Malformed("The answer does not begin with its delimiter.");
            }
            Consume(_content);
            if (!_found)
            {
                await FillAsync(cancellation);
                Search();
            }
        }
    }

    private async ValueTask<Dictionary<string, string>> ReadHeadersAsync(CancellationToken cancellation)
    {
        int length;
        while ((length = Buffered.IndexOf("\r\n\r\n"u8)) < 0 && Buffered.Length <= MultipartLimits.HeaderBytes)
        {
            await FillAsync(cancellation);
        }
        if (length is < 0 or > MultipartLimits.HeaderBytes)
        {
            throw Malformed($"The headers of a part are longer than {MultipartLimits.HeaderBytes} bytes.");
        }
        var headers = Parse(Encoding.Latin1.GetString(Buffered[..length]));
        // The empty line's CRLF may be the delimiter's already: an empty part (RFC 2046 5.1.1).
        _start += length + 2;
        await RequireAsync(_delimiter.Length, cancellation);
        if (Buffered.StartsWith(_delimiter))
        {
            _found = true;
        }
        else
        {
            _start += 2;
            Search();
        }
        return headers;
    }

    private static Dictionary<string, string> Parse(string block)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var lines = block.Split("\r\n");
        if (lines[0].AsSpan().Trim(" \t").Length > 0)
        {
            throw Malformed("A delimiter is followed by other characters on its line.");
        }
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || headers.Count == MultipartLimits.Headers)
            {
                throw Malformed("The headers of a part cannot be read.");
            }
            headers[line[..colon].Trim()] = line[(colon + 1)..].Trim();
        }
        return headers;
    }

    private void Search()
    {
        if (_found)
        {
            return;
        }
        var at = Buffered[_content..].IndexOf(_delimiter);
        _found = at >= 0;
        // What may yet become a delimiter is no content.
        _content = _found ? _content + at : Math.Max(_content, Buffered.Length - _delimiter.Length + 1);
    }

    private void Consume(int count)
    {
        _start += count;
        _content -= count;
    }

    private async ValueTask RequireAsync(int count, CancellationToken cancellation)
    {
        while (Buffered.Length < count)
        {
            await FillAsync(cancellation);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            Buffered.CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }
        var read = await _body.ReadAsync(_bytes.AsMemory(_end), cancellation);
        if (read == 0)
        {
            throw new DicomWebException(new WebError(WebFault.Network, "The answer ends without closing delimiter."));
        }
        _end += read;
    }

    private async ValueTask<int> ReadContentAsync(int part, Memory<byte> buffer, CancellationToken cancellation)
    {
        // An old stream that just ended would look like a whole part.
        ObjectDisposedException.ThrowIf(part != _part, typeof(RetrievedPart));
        while (_content == 0 && !_found)
        {
            await FillAsync(cancellation);
            Search();
        }
        var count = Math.Min(buffer.Length, _content);
        _bytes.AsMemory(_start, count).CopyTo(buffer);
        Consume(count);
        return count;
    }

    private sealed class PartStream(MultipartReader reader, int part) : ForwardStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            reader.ReadContentAsync(part, buffer, cancellationToken);
    }
}
