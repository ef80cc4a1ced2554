using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VnaCloud.Storage;

/// <summary>Buffers that the kernel can hand to the disk as they are: 1 MiB, pinned, beginning on a page. A few are kept for the next upload.</summary>
internal sealed class BlockBuffers
{
    /// <summary>Bytes of a buffer: large enough that a write's own cost vanishes, small enough for many uploads at once.</summary>
    public const int Size = 1024 * 1024;

    /// <summary>What direct writes are aligned to, in memory, length and place: the largest logical block of today's disks, and a page.</summary>
    public const int Alignment = 4096;

    /// <summary>The logical block of most disks: a write that is a multiple of it goes through as it is.</summary>
    public const int Sector = 512;

    private const int MaxKept = 16;
    private static readonly ConcurrentBag<byte[]> Free = [];

    /// <summary>A buffer for one upload; its content is arbitrary.</summary>
    public static Memory<byte> Rent()
    {
        var array = Free.TryTake(out var kept) ? kept : GC.AllocateUninitializedArray<byte>(Size + Alignment, pinned: true);
        return array.AsMemory(AlignedStart(array), Size);
    }

    /// <summary>Gives a buffer back.</summary>
    public static void Return(Memory<byte> buffer)
    {
        if (Free.Count < MaxKept && MemoryMarshal.TryGetArray<byte>(buffer, out var segment))
        {
            Free.Add(segment.Array!);
        }
    }

    private static unsafe int AlignedStart(byte[] pinned)
    {
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
        return (int)((Alignment - (address % Alignment)) % Alignment);
    }
}
