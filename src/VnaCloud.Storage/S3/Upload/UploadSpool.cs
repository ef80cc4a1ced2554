namespace VnaCloud.Storage;

/// <summary>
/// Bytes of an object between their arrival and their sending, in pieces that lie in memory while there is some, else in a temporary
/// file. One appends; parts that are on their way are read beside him.
/// </summary>
internal sealed class UploadSpool(UploadBuffers buffers, string folder, int piecesInMemory) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Piece?> _pieces = [];
    private SlotFile? _file;
    private int _inMemory;

    /// <summary>A piece is in memory, or in a slot of the file.</summary>
    private sealed record Piece(byte[]? Memory, int Slot);

    /// <summary>Bytes appended, sent or not.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var at = (int)(Length % UploadBuffers.Size);
            var step = Math.Min(bytes.Length, UploadBuffers.Size - at);
            lock (_gate)
            {
                // A piece may be there already: of a write that failed (a full disk).
                var index = (int)(Length / UploadBuffers.Size);
                var piece = index < _pieces.Count ? _pieces[index]! : Add();
                Put(piece, at, bytes[..step]);
            }
            Length += step;
            bytes = bytes[step..];
        }
    }

    /// <summary>Replaces bytes that were not released.</summary>
    public void Patch(long offset, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var at = (int)(offset % UploadBuffers.Size);
            var step = Math.Min(bytes.Length, UploadBuffers.Size - at);
            lock (_gate)
            {
                Put(_pieces[(int)(offset / UploadBuffers.Size)]!, at, bytes[..step]);
            }
            offset += step;
            bytes = bytes[step..];
        }
    }

    public void Truncate(long length)
    {
        var pieces = (int)((length + UploadBuffers.Size - 1) / UploadBuffers.Size);
        lock (_gate)
        {
            for (var i = pieces; i < _pieces.Count; i++)
            {
                Free(i);
            }
            _pieces.RemoveRange(pieces, _pieces.Count - pieces);
        }
        Length = length;
    }

    /// <summary>Fills from <paramref name="offset"/>, at most to the end of a piece.</summary>
    public int Read(long offset, Span<byte> destination)
    {
        var at = (int)(offset % UploadBuffers.Size);
        var step = destination[..Math.Min(destination.Length, UploadBuffers.Size - at)];
        lock (_gate)
        {
            var piece = _pieces[(int)(offset / UploadBuffers.Size)] ?? throw new InvalidOperationException("These bytes have been sent.");
            if (piece.Memory is null)
            {
                return _file!.Read(piece.Slot, at, step);
            }
            piece.Memory.AsSpan(at, step.Length).CopyTo(step);
        }
        return step.Length;
    }

    /// <summary>These bytes are not needed any more. Both ends are at whole pieces, or the second is the object's.</summary>
    public void Release(long start, long end)
    {
        lock (_gate)
        {
            for (var i = (int)(start / UploadBuffers.Size); (long)i * UploadBuffers.Size < end; i++)
            {
                Free(i);
            }
        }
    }

    public void Dispose()
    {
        Truncate(0);
        _file?.Dispose();
    }

    private Piece Add()
    {
        var memory = _inMemory < piecesInMemory ? buffers.TryRent() : null;
        if (memory is not null)
        {
            _inMemory++;
        }
        var piece = new Piece(memory, memory is null ? (_file ??= new SlotFile(folder)).Rent() : -1);
        _pieces.Add(piece);
        return piece;
    }

    private void Put(Piece piece, int at, ReadOnlySpan<byte> bytes)
    {
        if (piece.Memory is null)
        {
            _file!.Write(piece.Slot, at, bytes);
        }
        else
        {
            bytes.CopyTo(piece.Memory.AsSpan(at));
        }
    }

    private void Free(int index)
    {
        if (_pieces[index] is not { } piece)
        {
            return;
        }
        _pieces[index] = null;
        if (piece.Memory is null)
        {
            _file!.Return(piece.Slot);
        }
        else
        {
            buffers.Return(piece.Memory);
            _inMemory--;
        }
    }
}
