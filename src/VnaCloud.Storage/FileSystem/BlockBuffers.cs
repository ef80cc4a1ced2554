using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VnaCloud.Storage;

/// <summary>Buffers that the kernel can hand to the disk as they are: pinned, beginning on a page. A few are kept for the next upload.</summary>
internal sealed class BlockBuffers
{
    /// <summary>Bytes of a buffer that is written as it fills: large enough that a write's own cost vanishes, small enough for many uploads at once.</summary>
    public const int Size = 1024 * 1024;

    /// <summary>What direct writes are aligned to, in memory, length and place: the largest logical block of today's disks, and a page.</summary>
    public const int Alignment = 4096;

    /// <summary>The logical block of most disks: a write that is a multiple of it goes through as it is.</summary>
    public const int Sector = 512;

    /// <summary>Bytes of the buffer that every upload begins with: many are open at once whose objects stay below it.</summary>
    public const int SmallSize = 64 * 1024;

    private const int MaxKept = 16;
    private static readonly ConcurrentBag<byte[]> Free = [];
    private static readonly ConcurrentBag<byte[]> FreeSmall = [];

    /// <summary>A buffer of <see cref="Size"/> or <see cref="SmallSize"/> bytes for one upload; its content is arbitrary.</summary>
    public static Memory<byte> Rent(int size)
    {
        var array = (size == Size ? Free : FreeSmall).TryTake(out var kept) ? kept : GC.AllocateUninitializedArray<byte>(size + Alignment, pinned: true);
        return array.AsMemory(AlignedStart(array), size);
    }

    /// <summary>Gives a buffer back.</summary>
    public static void Return(Memory<byte> buffer)
    {
        var free = buffer.Length == Size ? Free : FreeSmall;
        if (free.Count < MaxKept && MemoryMarshal.TryGetArray<byte>(buffer, out var segment))
        {
            free.Add(segment.Array!);
        }
    }

    private static unsafe int AlignedStart(byte[] pinned)
    {
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
        return (int)((Alignment - (address % Alignment)) % Alignment);
    }
}
