namespace VnaCloud.Server.Tests.Http;

/// <summary>Gives its bytes in pieces of at most one size, every other one asynchronously, as a socket would.</summary>
internal sealed class PieceStream(byte[] bytes, int piece) : ReadOnlyStream
{
    private int _position;
    private int _reads;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_reads++ % 64 == 1)
        {
            await Task.Yield();
        }
        var count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - _position);
        bytes.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}

/// <summary>Gives the first bytes at once, the second ones only after a long pause.</summary>
internal sealed class StallingStream(byte[] first, byte[] second) : ReadOnlyStream
{
    private int _reads;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_reads++ > 0)
        {
            await Task.Delay(50, cancellationToken);
        }
        var bytes = _reads == 1 ? first : second;
        bytes.CopyTo(buffer);
        return bytes.Length;
    }
}

internal sealed class EndlessStream : ReadOnlyStream
{
    public long Given { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer.Span.Fill((byte)'x');
        Given += buffer.Length;
        return new(buffer.Length);
    }
}

internal abstract class ReadOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();
}
