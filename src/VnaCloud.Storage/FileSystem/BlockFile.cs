using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Storage;

/// <summary>
/// Appends to a file in whole blocks, past the page cache where the file system can (O_DIRECT): an upload is written once and seldom
/// read soon, and copying it through the page cache costs several times what the write does (ADR 0007). Everything blocks the caller.
/// </summary>
internal sealed class BlockFile(SafeFileHandle file) : IDisposable
{
    private Memory<byte> _buffer;
    private long _written;
    private long _reached;
    private int _filled;
    private bool _direct;
    private bool _buffered;

    /// <summary>Bytes appended, written or not.</summary>
    public long Length => _written + _filled;

    /// <summary>Appends. After a failure (a full disk) some of the bytes are counted: the caller cuts back.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.IsEmpty)
        {
            _buffer = BlockBuffers.Rent(BlockBuffers.SmallSize);
        }
        while (bytes.Length > 0)
        {
            if (_filled == _buffer.Length && _filled < BlockBuffers.Size)
            {
                Grow();
            }
            if (_filled == _buffer.Length)
            {
                Write(_buffer.Span, _written);
                (_written, _filled) = (_written + _filled, 0);
            }
            var step = Math.Min(bytes.Length, _buffer.Length - _filled);
            bytes[..step].CopyTo(_buffer.Span[_filled..]);
            _filled += step;
            bytes = bytes[step..];
        }
    }

    /// <summary>Replaces bytes that were appended.</summary>
    public void Patch(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset < _written)
        {
            var before = (int)Math.Min(bytes.Length, _written - offset);
            Overwrite(offset, bytes[..before]);
            offset += before;
            bytes = bytes[before..];
        }
        if (bytes.Length > 0)
        {
            bytes.CopyTo(_buffer.Span[(int)(offset - _written)..]);
        }
    }

    /// <summary>Cuts back to <paramref name="length"/> bytes.</summary>
    public void Truncate(long length)
    {
        if (length < _written)
        {
            // Appending goes on at a whole block: what stands of the cut one comes back into the buffer.
            var whole = length / BlockBuffers.Alignment * BlockBuffers.Alignment;
            SetDirect(false);
            RandomAccess.Read(file, _buffer.Span[..(int)(length - whole)], whole);
            (_written, _filled) = (whole, 0);
            RandomAccess.SetLength(file, whole);
            _reached = whole;
        }
        _filled = (int)(length - _written);
    }

    /// <summary>Writes what waits. The file then has <see cref="Length"/> bytes, not yet durable.</summary>
    public void Flush()
    {
        if (_filled > 0 && !TryFlush(BlockBuffers.Sector))
        {
            TryFlush(BlockBuffers.Alignment);
        }
        if (_reached > Length)
        {
            // Takes away the padding, and what a write that failed half-way left behind.
            RandomAccess.SetLength(file, Length);
        }
    }

    public void Dispose()
    {
        if (!_buffer.IsEmpty)
        {
            BlockBuffers.Return(_buffer);
            _buffer = default;
        }
    }

    private void Grow()
    {
        var larger = BlockBuffers.Rent(BlockBuffers.Size);
        _buffer.CopyTo(larger);
        BlockBuffers.Return(_buffer);
        _buffer = larger;
    }

    // Packs are whole sectors: where the disk writes such, nothing has to be cut off again.
    private bool TryFlush(int unit)
    {
        var whole = (_filled + unit - 1) / unit * unit;
        _buffer.Span[_filled..whole].Clear();
        try
        {
            Write(_buffer.Span[..whole], _written);
            return true;
        }
        catch (IOException refused) when (refused.HResult == Posix.EINVAL && unit < BlockBuffers.Alignment)
        {
            return false;
        }
    }

    private void Write(ReadOnlySpan<byte> block, long offset)
    {
        SetDirect(true);
        _reached = Math.Max(_reached, offset + block.Length);
        RandomAccess.Write(file, block, offset);
    }

    private void Overwrite(long offset, ReadOnlySpan<byte> bytes)
    {
        SetDirect(false);
        RandomAccess.Write(file, bytes, offset);
    }

    private void SetDirect(bool direct)
    {
        if (_direct == direct || _buffered)
        {
            return;
        }
        // tmpfs and some network file systems know no direct writes: then the page cache it is.
        _buffered = !Posix.TrySetDirect(file, direct);
        _direct = direct && !_buffered;
    }
}
