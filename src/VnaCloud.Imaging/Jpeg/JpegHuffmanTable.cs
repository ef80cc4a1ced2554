using System.Runtime.CompilerServices;

namespace VnaCloud.Imaging;

/// <summary>A Huffman table made for decoding (T.81 Annexes C and F.2.2.3): short codes by one look, longer ones by their length.</summary>
internal sealed class JpegHuffmanTable
{
    private const int LookBits = 10;
    private const int LongestCode = 16;

    // Length of the code above its symbol; 0 where the code is longer, or none.
    private readonly ushort[] _look = new ushort[1 << LookBits];

    // By length: the first code that is too large for it, left-aligned to 16 bits; from a code to its symbol.
    private readonly int[] _limits = new int[LongestCode + 1];
    private readonly int[] _offsets = new int[LongestCode + 1];
    private readonly byte[] _symbols;

    /// <param name="counts">The number of codes of each length, 1 to 16.</param>
    /// <param name="symbols">The symbols in the order of their codes, or more.</param>
    /// <param name="start">Where the definition stands.</param>
    /// <exception cref="ImageException">There are more codes of a length than it has bits for.</exception>
    public JpegHuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, int start)
    {
        var code = 0;
        var used = 0;
        for (var length = 1; length <= LongestCode; length++, code <<= 1)
        {
            int count = counts[length - 1];
            if (code + count > 1 << length)
            {
                throw new ImageException($"The JPEG Huffman table at byte {start} has too many codes of {length} bits.");
            }
            _offsets[length] = used - code;
            if (length <= LookBits)
            {
                Fill(symbols.Slice(used, count), code, length);
            }
            code += count;
            used += count;
            _limits[length] = code << (LongestCode - length);
        }
        _symbols = symbols[..used].ToArray();
    }

    /// <summary>The largest symbol; -1 of a table without any.</summary>
    public int LargestSymbol => _symbols.Length == 0 ? -1 : _symbols.Max();

    /// <summary>Takes the next code; at least 16 bits must be filled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Decode(ref JpegBits bits)
    {
        int entry = _look[bits.Peek(LookBits)];
        if (entry != 0)
        {
            bits.Skip(entry >> 8);
            return entry & 0xFF;
        }
        return DecodeLong(ref bits);
    }

    private int DecodeLong(ref JpegBits bits)
    {
        var next = bits.Peek(LongestCode);
        for (var length = LookBits + 1; length <= LongestCode; length++)
        {
            if (next < _limits[length])
            {
                bits.Skip(length);
                return _symbols[_offsets[length] + (next >> (LongestCode - length))];
            }
        }
        throw new ImageException($"The JPEG stream has a code before byte {bits.Position} that its Huffman table has not.");
    }

    private void Fill(ReadOnlySpan<byte> symbols, int code, int length)
    {
        var width = LookBits - length;
        for (var i = 0; i < symbols.Length; i++)
        {
            _look.AsSpan((code + i) << width, 1 << width).Fill((ushort)((length << 8) | symbols[i]));
        }
    }
}
