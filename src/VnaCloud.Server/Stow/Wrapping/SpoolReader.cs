using System.Buffers.Binary;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Big endian numbers at offsets of a part in the spool. What is beyond its end is a fault of the part.</summary>
internal sealed class SpoolReader(Spool spool, SpoolRange range)
{
    private readonly byte[] _window = new byte[4096];
    private long _windowStart;
    private int _windowLength;

    public SpoolRange Range { get; } = range;

    public long Length => Range.Length;

    public byte U8(long offset) => Bytes(offset, 1)[0];

    public int U16(long offset) => BinaryPrimitives.ReadUInt16BigEndian(Bytes(offset, 2));

    public uint U32(long offset) => BinaryPrimitives.ReadUInt32BigEndian(Bytes(offset, 4));

    public ulong U64(long offset) => BinaryPrimitives.ReadUInt64BigEndian(Bytes(offset, 8));

    public bool StartsWith(ReadOnlySpan<byte> bytes) => Length >= bytes.Length && Bytes(0, bytes.Length).SequenceEqual(bytes);

    /// <summary>The part up to a length, as a copy.</summary>
    public byte[] Head(int most)
    {
        var head = new byte[(int)Math.Min(most, Length)];
        spool.Read(Range.Offset, head);
        return head;
    }

    /// <summary>At most 4,096 bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        if (offset < 0 || offset > Length - count)
        {
            throw BulkFaultException.Unreadable("A part of bulk data ends within its header.");
        }
        if (offset < _windowStart || offset + count > _windowStart + _windowLength)
        {
            _windowStart = offset;
            _windowLength = (int)Math.Min(_window.Length, Length - offset);
            spool.Read(Range.Offset + offset, _window.AsSpan(0, _windowLength));
        }
        return _window.AsSpan((int)(offset - _windowStart), count);
    }
}
