using System.Buffers.Binary;

namespace VnaCloud.Fuzz;

/// <summary>Makes broken files out of good ones. The same random numbers make the same file.</summary>
internal sealed class Mutator(Random random)
{
    private const int MostSteps = 6;
    private static readonly uint[] Lengths = [0, 1, 2, 7, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFE, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

    private static readonly uint[] Tags =
    [
        0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD, 0x7FE0_0010, 0x7FE0_0008, 0x7FE0_0001, 0x0008_0005, 0x0002_0000, 0x0002_0010, 0x0028_0008,
        0x0028_0010, 0x0028_0100, 0x0028_0103, 0x0009_0010, 0x0009_1001, 0x0020_000D, 0x0000_0002, 0x5400_0100, 0x0040_A730, 0x0010_0010,
    ];

    private static readonly byte[][] Words =
    [
        .. "SQ UN OB OW UT PN DS IS UV FD AT US ISO_IR ISO_2022_IR GB18030 -1 1e400 NaN 4294967296 \\\\\\ === \"vr\" null [ ] { } {\"vr\":\"SQ\",\"Value\":[{} \\ud800"
            .Split(' ').Select(word => System.Text.Encoding.Latin1.GetBytes(word.Replace('_', ' '))),
        [0x1B, 0x24, 0x42], [0x1B, 0x2D, 0x46], [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF], [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80],
    ];

    /// <summary>One to six changes to <paramref name="seed"/>; <paramref name="other"/> lends stretches of itself.</summary>
    public byte[] Mutate(byte[] seed, byte[] other)
    {
        var bytes = seed.ToList();
        for (var steps = random.Next(1, MostSteps + 1); steps > 0; steps--)
        {
            if (bytes.Count < 16)
            {
                bytes.AddRange(other.Take(64));
            }
            Step(bytes, other);
        }
        return [.. bytes];
    }

    private void Step(List<byte> bytes, byte[] other)
    {
        var at = Place(bytes.Count);
        switch (random.Next(11))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                Overwrite(bytes, at, Number(Lengths[random.Next(Lengths.Length)], random.Next(2) == 0 ? 2 : 4));
                break;
            case 3:
                NudgeLength(bytes, at);
                break;
            case 4:
                Overwrite(bytes, at & ~1, TagBytes(Tags[random.Next(Tags.Length)]));
                break;
            case 5:
                Overwrite(bytes, at, Words[random.Next(Words.Length)]);
                break;
            case 6:
                bytes.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            case 7:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, Stretch()));
                break;
            case 8:
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(Stretch(), other.Length - from)).ToArray());
                break;
            case 9:
                var copy = bytes.GetRange(at, Math.Min(bytes.Count - at, Stretch()));
                bytes.InsertRange(Place(bytes.Count), copy);
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }

    // Most of what can go wrong is in the first kilobytes, where the headers are.
    private int Place(int count) => random.Next(3) == 0 ? random.Next(count) : random.Next(Math.Min(count, 2048));

    private int Stretch() => random.Next(4) == 0 ? random.Next(1, 4096) : random.Next(1, 64);

    private void NudgeLength(List<byte> bytes, int at)
    {
        if (at + 2 > bytes.Count)
        {
            return;
        }
        var value = bytes[at] | bytes[at + 1] << 8;
        Overwrite(bytes, at, Number((uint)(value + random.Next(-9, 10)), 2));
    }

    private static byte[] Number(uint value, int size)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes[..size];
    }

    private static byte[] TagBytes(uint tag) => [(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)];

    private static void Overwrite(List<byte> bytes, int at, byte[] with)
    {
        for (var i = 0; i < with.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = with[i];
        }
    }
}
