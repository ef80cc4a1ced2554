using System.Text;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>A box of the ISO base media file format (ISO/IEC 14496-12 section 4.2), which JP2 has too.</summary>
/// <param name="Type">Four characters.</param>
/// <param name="Start">Of its content.</param>
/// <param name="End">Behind its content.</param>
internal readonly record struct Box(string Type, long Start, long End);

/// <summary>Walks boxes side by side.</summary>
internal static class Boxes
{
    /// <summary>Boxes side by side; fragments of a video may be many.</summary>
    private const int MaxBoxes = 100_000;

    public static IEnumerable<Box> In(SpoolReader bytes, long start, long end)
    {
        var count = 0;
        for (var at = start; at + 8 <= end;)
        {
            long size = bytes.U32(at);
            var header = 8;
            if (size == 1)
            {
                size = (long)Math.Min(bytes.U64(at + 8), long.MaxValue);
                header = 16;
            }
            // 0 is a box up to the end.
            size = size == 0 ? end - at : size;
            if (size < header || size > end - at || ++count > MaxBoxes)
            {
                throw BulkFaultException.Unreadable("A box of the file is longer than what is around it, or there are too many.");
            }
            yield return new Box(Encoding.Latin1.GetString(bytes.Bytes(at + 4, 4)), at + header, at + size);
            at += size;
        }
    }

    /// <summary>The first box of a path, or null.</summary>
    public static Box? Find(SpoolReader bytes, Box within, params ReadOnlySpan<string> path)
    {
        Box? found = within;
        foreach (var type in path)
        {
            found = First(bytes, found.Value, type);
            if (found is null)
            {
                return null;
            }
        }
        return found;
    }

    private static Box? First(SpoolReader bytes, Box within, string type)
    {
        foreach (var box in In(bytes, within.Start, within.End))
        {
            if (box.Type == type)
            {
                return box;
            }
        }
        return null;
    }
}
