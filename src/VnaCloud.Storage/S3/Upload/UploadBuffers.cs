using System.Collections.Concurrent;

namespace VnaCloud.Storage;

/// <summary>
/// The memory of all uploads of a store, in pieces of 1 MiB. It never waits: who gets none writes to his spool's file, so that slow
/// clients that hold memory cannot stop the others.
/// </summary>
internal sealed class UploadBuffers(long limit)
{
    /// <summary>Bytes of a piece.</summary>
    public const int Size = SlotFile.SlotSize;

    private const int MaxKept = 32;
    private readonly ConcurrentBag<byte[]> _free = [];
    private long _rented;

    /// <summary>Bytes rented now.</summary>
    public long Rented => Interlocked.Read(ref _rented);

    /// <summary>A piece with arbitrary content; null past the limit.</summary>
    public byte[]? TryRent()
    {
        if (Interlocked.Add(ref _rented, Size) > limit)
        {
            Interlocked.Add(ref _rented, -Size);
            return null;
        }
        return _free.TryTake(out var piece) ? piece : GC.AllocateUninitializedArray<byte>(Size);
    }

    /// <summary>Gives a piece back.</summary>
    public void Return(byte[] piece)
    {
        Interlocked.Add(ref _rented, -Size);
        if (_free.Count < MaxKept)
        {
            _free.Add(piece);
        }
    }
}
