using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VnaCloud.Archive;

/// <summary>A ustar header (POSIX.1-1988). Sizes from 8 GiB on are written in base 256, as GNU tar, bsdtar and Python read them (ADR 4).</summary>
public static class TarHeader
{
    private const long OctalLimit = 1L << 33;
    private const int NameLength = 100;
    private const int PrefixLength = 155;

    /// <summary>Writes one block.</summary>
    /// <param name="block">512 bytes.</param>
    /// <param name="name">ASCII; over 100 characters it is split at a slash into prefix and name.</param>
    /// <param name="size">Bytes of the member.</param>
    /// <param name="time">Modification time.</param>
    public static void Write(Span<byte> block, string name, long size, DateTimeOffset time)
    {
        block[..PackFormat.Block].Clear();
        WriteName(block, name);
        WriteOctal(block.Slice(100, 8), 0x1A4);
        WriteOctal(block.Slice(108, 8), 0);
        WriteOctal(block.Slice(116, 8), 0);
        WriteSize(block.Slice(124, 12), size);
        WriteOctal(block.Slice(136, 12), time.ToUnixTimeSeconds());
        block[156] = (byte)'0';
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        block.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in block[..PackFormat.Block])
        {
            sum += value;
        }
        WriteOctal(block.Slice(148, 7), sum);
        block[154] = 0;
        block[155] = (byte)' ';
    }

    private static void WriteName(Span<byte> block, string name)
    {
        if (name.Length <= NameLength)
        {
            Encoding.ASCII.GetBytes(name, block);
            return;
        }
        var slash = name.LastIndexOf('/');
        if (slash is < 0 or > PrefixLength || name.Length - slash - 1 > NameLength)
        {
            throw new ArgumentException("The name does not fit a ustar header.", nameof(name));
        }
        Encoding.ASCII.GetBytes(name.AsSpan(slash + 1), block);
        Encoding.ASCII.GetBytes(name.AsSpan(0, slash), block.Slice(345, PrefixLength));
    }

    private static void WriteSize(Span<byte> field, long size)
    {
        if (size < OctalLimit)
        {
            WriteOctal(field, size);
            return;
        }
        field[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(field[4..], size);
    }

    private static void WriteOctal(Span<byte> field, long value)
    {
        var text = Convert.ToString(value, 8).PadLeft(field.Length - 1, '0');
        if (text.Length >= field.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, string.Create(CultureInfo.InvariantCulture, $"Over {field.Length - 1} octal digits."));
        }
        Encoding.ASCII.GetBytes(text, field);
    }
}
