using System.Buffers;

namespace VnaCloud.Dimse;

/// <summary>
/// Bytes that came and were not yet taken. An association that is silent or speaks in commands holds 4 KiB; a large buffer is rented while a
/// data set comes, so that a read of the socket is a large one; an association PDU gets room as its bytes come, not as it declares.
/// </summary>
internal sealed class ReceiveBuffer(UpperLayer upper) : IDisposable
{
    public const int Small = 4 * 1024;
    public const int Large = 256 * 1024;
    private const int EnoughProgress = 1024;

    private byte[] _bytes = [];
    private int _start;
    private int _end;
    private TimeSpan _waited;
    private int _progress;

    public ReadOnlyMemory<byte> Window => _bytes.AsMemory(_start, _end - _start);

    public int Available => _end - _start;

    /// <summary>Bytes that ever came.</summary>
    public long Received { get; private set; }

    public void Advance(int count) => _start += count;

    /// <summary>Waits until so many bytes are there; false when the connection ends before.</summary>
    /// <param name="count">Bytes.</param>
    /// <param name="allowance">The longest wait for a kilobyte of progress; <see cref="Timeout.InfiniteTimeSpan"/> where another limit holds.</param>
    public async ValueTask<bool> EnsureAsync(int count, TimeSpan allowance)
    {
        while (Available < count)
        {
            if (!await FillAsync(Math.Min(count, Math.Max(Small, 2 * Available)), allowance))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Reads at least one byte more; false at the end.</summary>
    public async ValueTask<bool> FillAsync(int room, TimeSpan allowance)
    {
        MakeRoom(room);
        var pending = upper.ReadAsync(_bytes.AsMemory(_end));
        int read;
        if (pending.IsCompletedSuccessfully)
        {
            read = pending.Result;
            Progress(read, TimeSpan.Zero);
        }
        else
        {
            read = await WaitAsync(pending, allowance);
        }
        _end += read;
        Received += read;
        return read > 0;
    }

    /// <summary>A new message, or the first byte of one, has all the time it may take.</summary>
    public void BeginMessage() => (_waited, _progress) = (TimeSpan.Zero, 0);

    /// <summary>Rents the large buffer.</summary>
    public void Enlarge() => MakeRoom(Large);

    /// <summary>Gives the large buffer back, if what is left fits the small one.</summary>
    public void Shrink()
    {
        if (_bytes.Length > Small && Available <= Small)
        {
            Move(ArrayPool<byte>.Shared.Rent(Small));
        }
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
        _bytes = [];
        _start = _end = 0;
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> pending, TimeSpan allowance)
    {
        var begun = upper.Time.GetTimestamp();
        if (allowance != Timeout.InfiniteTimeSpan)
        {
            upper.Watch.Arm(WatchSlot.Read, allowance > _waited ? allowance - _waited : TimeSpan.Zero);
        }
        var read = await pending;
        upper.Watch.Disarm(WatchSlot.Read);
        Progress(read, upper.Time.GetElapsedTime(begun));
        return read;
    }

    private void Progress(int read, TimeSpan waited)
    {
        (_waited, _progress) = (_waited + waited, _progress + read);
        if (_progress >= EnoughProgress)
        {
            BeginMessage();
        }
    }

    private void MakeRoom(int room)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        if (_bytes.Length < room)
        {
            Move(ArrayPool<byte>.Shared.Rent(room));
        }
        else if (_bytes.Length - _end == 0 || _bytes.Length - _start < room)
        {
            Window.Span.CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }
    }

    private void Move(byte[] bytes)
    {
        Window.Span.CopyTo(bytes);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
        (_bytes, _start, _end) = (bytes, 0, _end - _start);
    }
}
