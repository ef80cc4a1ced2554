using VnaCloud.Dicom;

namespace VnaCloud.Server.Tests.Http;

/// <summary>Gives its bytes in pieces of at most one size, every other one asynchronously, as a socket would.</summary>
internal sealed class PieceStream(byte[] bytes, int piece) : BodyStream
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
internal sealed class StallingStream(byte[] first, byte[] second) : BodyStream
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

internal sealed class EndlessStream : BodyStream
{
    public long Given { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer.Span.Fill((byte)'x');
        Given += buffer.Length;
        return new(buffer.Length);
    }
}

/// <summary>A request's body: read piece by piece, and nothing else.</summary>
internal abstract class BodyStream : ReadOnlyStream
{
    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public override void Flush() => throw new NotSupportedException();
}
