using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>
/// Passes bytes on to the reader, and hashes and stores what the reader has consumed, a buffer at a time: pixel data goes from the
/// socket's buffer to the hash and the file without a copy in between. Until the pack is known, bytes wait in memory; past a limit they
/// get a pack of their own, because what comes before the study's UID may be anything of any length.
/// </summary>
internal sealed class RecordingSource : ByteSource, IDisposable
{
    private const int PreambleLength = 128;
    private readonly ByteSource _inner;
    private readonly IngestOptions _options;
    private readonly Func<CancellationToken, ValueTask<PackWriter>> _openOwn;
    private readonly InstanceHash _hash = new();
    private readonly MemoryStream _waiting = new();
    private ReadOnlyMemory<byte> _window;
    private int _consumed;
    private bool _first = true;
    private PackWriter? _pack;

    /// <param name="inner">The instance's bytes.</param>
    /// <param name="options">Limits, and what becomes of the preamble.</param>
    /// <param name="openOwn">Opens a pack for bytes that cannot wait any longer.</param>
    public RecordingSource(ByteSource inner, IngestOptions options, Func<CancellationToken, ValueTask<PackWriter>> openOwn)
    {
        _inner = inner;
        _options = options;
        _openOwn = openOwn;
        _window = inner.Window;
        Start = inner.Position;
    }

    public long Start { get; }

    public override ReadOnlyMemory<byte> Window => _inner.Window;

    public override long Position => _inner.Position - Start;

    public override int MaxWindow => _inner.MaxWindow;

    public override void Advance(int count)
    {
        _inner.Advance(count);
        _consumed += count;
    }

    public override async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        await RecordAsync(cancellation);
        if (Position > _options.MaxInstanceBytes)
        {
            throw new InstanceTooLargeException(_options.MaxInstanceBytes);
        }
        var more = await _inner.FillAsync(cancellation);
        _window = _inner.Window;
        return more;
    }

    /// <summary>From here on the bytes belong to the data set: the content digest begins with the transfer syntax.</summary>
    public async ValueTask BeginContentAsync(string transferSyntaxUid, CancellationToken cancellation)
    {
        await RecordAsync(cancellation);
        _hash.BeginContent(transferSyntaxUid);
    }

    /// <summary>The pack is known: what waited goes there, and what follows.</summary>
    public async ValueTask AttachAsync(PackWriter pack, CancellationToken cancellation)
    {
        _pack = pack;
        await pack.BeginMemberAsync(cancellation);
        if (_waiting.Length > 0)
        {
            await pack.AppendAsync(_waiting.GetBuffer().AsMemory(0, (int)_waiting.Length), cancellation);
            _waiting.SetLength(0);
        }
        await RecordAsync(cancellation);
    }

    /// <summary>Stores the rest of what was consumed, and gives both digests.</summary>
    public async ValueTask<(Digest File, Digest Content)> FinishAsync(CancellationToken cancellation)
    {
        await RecordAsync(cancellation);
        return _hash.Finish();
    }

    public void Dispose()
    {
        _hash.Dispose();
        _waiting.Dispose();
    }

    private async ValueTask RecordAsync(CancellationToken cancellation)
    {
        var bytes = _window[.._consumed];
        _window = _window[_consumed..];
        _consumed = 0;
        if (_first && _options.Preamble == PreamblePolicy.Zeroed && bytes.Length >= PreambleLength + 4 && bytes.Span[PreambleLength..].StartsWith("DICM"u8))
        {
            // A preamble may be a program or a page to whoever takes the file for one (attacks 1 to 3): zeros are stored.
            await StoreAsync(new byte[PreambleLength], cancellation);
            bytes = bytes[PreambleLength..];
        }
        if (bytes.Length > 0)
        {
            await StoreAsync(bytes, cancellation);
        }
    }

    private async ValueTask StoreAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        _first = false;
        _hash.Append(bytes.Span);
        if (_pack is null && _waiting.Length + bytes.Length <= _options.WaitingBytes)
        {
            _waiting.Write(bytes.Span);
            return;
        }
        if (_pack is null)
        {
            await AttachAsync(await _openOwn(cancellation), cancellation);
        }
        await _pack!.AppendAsync(bytes, cancellation);
    }
}

/// <summary>An instance is longer than the archive takes.</summary>
public sealed class InstanceTooLargeException(long limit) : IOException($"An instance is longer than {limit} bytes.");
