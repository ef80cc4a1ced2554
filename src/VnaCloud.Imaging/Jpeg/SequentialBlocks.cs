namespace VnaCloud.Imaging;

/// <summary>Reads the DCT blocks of one component (T.81 section F.2.2): Huffman codes, run lengths, quantization.</summary>
internal sealed class SequentialBlocks(JpegHuffmanTable dcTable, JpegHuffmanTable acTable, int[] quantization)
{
    /// <summary>Symbols of DC tables are lengths of differences: 15 bits at most, of 12-bit samples (T.81 Table F.6).</summary>
    public const int LongestDifference = 15;
    private const int SixteenZeros = 0xF0;

    // T.81 Figure A.6: from the place in the stream to the place in the block.
    private static readonly byte[] Zigzag =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    private int _dc;

    /// <summary>Begins a restart interval.</summary>
    public void Restart() => _dc = 0;

    /// <summary>Reads a block.</summary>
    /// <param name="bits">Where it begins.</param>
    /// <param name="block">64 coefficients, row by row, all zero before.</param>
    /// <returns>Whether any coefficient but the first is there.</returns>
    /// <exception cref="ImageException">A code is none, or a run ends outside the block.</exception>
    public bool Read(ref JpegBits bits, scoped Span<int> block)
    {
        bits.Fill();
        var size = dcTable.Decode(ref bits);
        if (size != 0)
        {
            _dc += bits.TakeExtended(size);
        }
        block[0] = _dc * quantization[0];
        var any = false;
        for (var k = 1; k < 64; k++)
        {
            bits.Fill();
            var symbol = acTable.Decode(ref bits);
            size = symbol & 0x0F;
            if (size == 0)
            {
                if (symbol != SixteenZeros)
                {
                    break;
                }
                k += 15;
                continue;
            }
            k += symbol >> 4;
            if (k > 63)
            {
                throw new ImageException($"A JPEG block before byte {bits.Position} has more than 64 coefficients.");
            }
            block[Zigzag[k]] = bits.TakeExtended(size) * quantization[k];
            any = true;
        }
        return any;
    }
}
