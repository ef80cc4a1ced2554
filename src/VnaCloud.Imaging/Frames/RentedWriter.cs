using System.Buffers;

namespace VnaCloud.Imaging;

/// <summary>
/// Gathers an encoded frame in memory that goes back when this is disposed: frames are large objects, which the collector would clear and
/// sweep anew for each one.
/// </summary>
public sealed class RentedWriter : IBufferWriter<byte>, IDisposable
{
    private const int Least = 256;

    private byte[] _rented = [];

    /// <summary>Bytes so far.</summary>
    public int WrittenCount { get; private set; }

    /// <summary>What was written; of no use after <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _rented.AsMemory(0, WrittenCount);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _rented.Length - WrittenCount);
        WrittenCount += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _rented.AsMemory(WrittenCount);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Begins anew in the same memory.</summary>
    public void Clear() => WrittenCount = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        WrittenCount = 0;
        Replace([]);
    }

    private void Reserve(int count)
    {
        if (_rented.Length - WrittenCount >= count)
        {
            return;
        }
        var doubled = Math.Min(Array.MaxLength, 2L * _rented.Length);
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(Math.Max(Least, doubled), checked(WrittenCount + count)));
        _rented.AsSpan(0, WrittenCount).CopyTo(larger);
        Replace(larger);
    }

    private void Replace(byte[] next)
    {
        if (_rented.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
        _rented = next;
    }
}
