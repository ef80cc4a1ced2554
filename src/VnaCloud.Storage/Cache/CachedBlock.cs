using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VnaCloud.Storage;

/// <summary>A block of an object in a slot of the cache's file, with a CRC-32C for each page: what is read is checked, and no more than that.</summary>
internal sealed class CachedBlock(string key, long index, int slot, int length, uint[] checks, DateTimeOffset loadedAt)
{
    /// <summary>Bytes of a block.</summary>
    public const int Size = SlotFile.SlotSize;

    /// <summary>Bytes under one check.</summary>
    public const int PageSize = 64 * 1024;

    public string Key => key;

    public long Index => index;

    public int Slot => slot;

    /// <summary>Fewer than <see cref="Size"/> only in an object's last block.</summary>
    public int Length => length;

    public DateTimeOffset LoadedAt => loadedAt;

    /// <summary>Readers now; the slot is used again only when there are none. Under the cache's lock.</summary>
    public int Readers { get; set; }

    /// <summary>Not in the cache any more. Under the cache's lock.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Somebody has read of it: what follows may be wanted next. Under the cache's lock.</summary>
    public bool WasRead { get; set; }

    public static uint[] Checks(ReadOnlySpan<byte> block)
    {
        var checks = new uint[(block.Length + PageSize - 1) / PageSize];
        for (var page = 0; page < checks.Length; page++)
        {
            checks[page] = Check(block.Slice(page * PageSize, Math.Min(PageSize, block.Length - (page * PageSize))));
        }
        return checks;
    }

    /// <summary>Reads from <paramref name="at"/>; false when a page is not what was put there.</summary>
    public bool TryRead(SlotFile file, int at, Span<byte> destination)
    {
        byte[]? scratch = null;
        try
        {
            while (destination.Length > 0)
            {
                var page = at / PageSize;
                var start = page * PageSize;
                var pageLength = Math.Min(PageSize, length - start);
                var step = Math.Min(destination.Length, start + pageLength - at);
                var whole = step == pageLength;
                var target = whole ? destination[..step] : (scratch ??= ArrayPool<byte>.Shared.Rent(PageSize)).AsSpan(0, pageLength);
                if (file.Read(slot, start, target) != pageLength || Check(target) != checks[page])
                {
                    return false;
                }
                if (!whole)
                {
                    target.Slice(at - start, step).CopyTo(destination);
                }
                destination = destination[step..];
                at += step;
            }
            return true;
        }
        finally
        {
            if (scratch is not null)
            {
                ArrayPool<byte>.Shared.Return(scratch);
            }
        }
    }

    private static uint Check(ReadOnlySpan<byte> page)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(page);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }
        foreach (var rest in page[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }
        return crc;
    }
}
