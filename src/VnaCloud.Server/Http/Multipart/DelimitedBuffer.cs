using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace VnaCloud.Server.Http.Multipart;

/// <summary>
/// One rented buffer between the body and everybody who reads it. It knows where the next delimiter begins, or up to
/// where none can begin. Each byte is searched once, only the tail that may yet become a delimiter twice.
/// </summary>
internal sealed class DelimitedBuffer : IDisposable
{
    private const int Capacity = 1024 * 1024;

    // Kestrel hands out 4 KiB pieces; hashing and writing cost less per byte in pieces of this size.
    private const int WorthwhileFill = 256 * 1024;

    // What a slow client sent is passed on after this time, however little it is.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly Stream _body;
    private readonly byte[] _delimiter;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Capacity);
    private int _start;
    private int _end;
    private int _contentLength;

    public DelimitedBuffer(Stream body, string boundary)
    {
        _body = body;
        _delimiter = Encoding.ASCII.GetBytes($"\r\n--{boundary}");
        // The first delimiter may stand at the very start of the body: with a CRLF put before it, it is like all others.
        "\r\n"u8.CopyTo(_bytes);
        _end = 2;
    }

    /// <summary>Content that a reader may have in view at once: the buffer, less a tail that may become a delimiter.</summary>
    public int MaxContent => _bytes.Length - _delimiter.Length;

    /// <summary>True when a delimiter follows <see cref="Content"/>.</summary>
    public bool DelimiterFound { get; private set; }

    /// <summary>Bytes that certainly belong to no delimiter.</summary>
    public ReadOnlyMemory<byte> Content => _bytes.AsMemory(_start, _contentLength);

    /// <summary>All that is here, delimiters included.</summary>
    public ReadOnlySpan<byte> Buffered => _bytes.AsSpan(_start, _end - _start);

    public void ConsumeContent(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)_contentLength);
        _start += count;
        _contentLength -= count;
    }

    /// <summary>Consumes content and delimiter; what follows is a delimiter line's rest and headers.</summary>
    public void ConsumeDelimiter()
    {
        _start += _contentLength + _delimiter.Length;
        _contentLength = 0;
        DelimiterFound = false;
    }

    /// <summary>Consumes a header block, which ends in an empty line, and finds what is here of the content after it.</summary>
    /// <remarks>
    /// The empty line belongs to the optional body (RFC 2046 5.1.1), so its CRLF may already be the one of a delimiter.
    /// A delimiter must follow in any case: waiting for as many bytes cannot wait in vain.
    /// </remarks>
    public async ValueTask ConsumeHeadersAsync(int length, CancellationToken cancellation)
    {
        _start += length - 2;
        await RequireAsync(_delimiter.Length, cancellation);
        if (Buffered.StartsWith(_delimiter))
        {
            DelimiterFound = true;
            return;
        }
        _start += 2;
        Search();
    }

    /// <summary>Makes <see cref="Content"/> longer or finds its delimiter.</summary>
    public async ValueTask FillContentAsync(CancellationToken cancellation)
    {
        var contentBefore = _contentLength;
        var worthwhile = Buffered.Length + WorthwhileFill;
        var started = Stopwatch.GetTimestamp();
        do
        {
            await ReadAsync(cancellation);
            Search();
        }
        while (!DelimiterFound && (_contentLength == contentBefore || WaitsForMore()));

        bool WaitsForMore() => Buffered.Length < worthwhile && _end < _bytes.Length && Stopwatch.GetElapsedTime(started) < Patience;
    }

    /// <summary>Reads until <paramref name="count"/> bytes are buffered.</summary>
    public async ValueTask RequireAsync(int count, CancellationToken cancellation)
    {
        while (Buffered.Length < count)
        {
            await ReadAsync(cancellation);
        }
    }

    /// <summary>Reads once. The end of the body is an error wherever this is called: only a closing delimiter ends it well.</summary>
    public async ValueTask ReadAsync(CancellationToken cancellation)
    {
        Compact();
        var read = await _body.ReadAsync(_bytes.AsMemory(_end), cancellation);
        if (read == 0)
        {
            throw new MultipartFormatException(MultipartFault.Malformed, "The body ends without closing delimiter.");
        }
        _end += read;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            _start = _end = _contentLength = 0;
        }
    }

    private void Search()
    {
        var at = Buffered[_contentLength..].IndexOf(_delimiter);
        DelimiterFound = at >= 0;
        _contentLength = DelimiterFound
            ? _contentLength + at
            : Math.Max(_contentLength, Buffered.Length - _delimiter.Length + 1);
    }

    // Moving no more bytes than were consumed keeps the cost per byte constant and the buffer's hot part in the cache.
    private void Compact()
    {
        var left = _end - _start;
        if (_start >= left || _end == _bytes.Length)
        {
            Buffered.CopyTo(_bytes);
            _start = 0;
            _end = left;
        }
        if (_end == _bytes.Length)
        {
            throw new InvalidOperationException("The window is full: consume before asking for more.");
        }
    }
}
