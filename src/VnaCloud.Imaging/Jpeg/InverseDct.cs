namespace VnaCloud.Imaging;

/// <summary>
/// The inverse DCT (T.81 section A.3.3) in integers, step by step as the accurate one of IJG ("islow", after Loeffler, Ligtenberg and
/// Moschytz) rounds it: a lossy image shall look the same whichever archive decodes it.
/// </summary>
internal readonly struct InverseDct(int precision)
{
    private const int FractionBits = 13;

    // 2^13 times the constants of the algorithm.
    private const int F0298 = 2446;
    private const int F0390 = 3196;
    private const int F0541 = 4433;
    private const int F0765 = 6270;
    private const int F0899 = 7373;
    private const int F1175 = 9633;
    private const int F1501 = 12299;
    private const int F1847 = 15137;
    private const int F1961 = 16069;
    private const int F2053 = 16819;
    private const int F2562 = 20995;
    private const int F3072 = 25172;

    // IJG keeps one bit between the passes where two would overflow.
    private readonly int _passBits = precision == 8 ? 2 : 1;
    private readonly int _centre = 1 << (precision - 1);
    private readonly int _largest = (1 << precision) - 1;

    /// <summary>Samples of a block of which only the first coefficient is not zero.</summary>
    public void TransformFlat(int coefficient, Span<ushort> samples, int stride)
    {
        var sample = Sample((coefficient + 4) >> 3);
        for (var y = 0; y < 8; y++)
        {
            samples.Slice(y * stride, 8).Fill(sample);
        }
    }

    /// <param name="coefficients">64, dequantized, row by row; they are used up.</param>
    /// <param name="samples">Where the first row of eight goes.</param>
    /// <param name="stride">From there to the next.</param>
    public void Transform(Span<int> coefficients, Span<ushort> samples, int stride)
    {
        var columnShift = FractionBits - _passBits;
        for (var x = 0; x < 8; x++)
        {
            var column = coefficients.Slice(x, 57);
            if ((column[8] | column[16] | column[24] | column[32] | column[40] | column[48] | column[56]) == 0)
            {
                var flat = column[0] << _passBits;
                for (var y = 0; y < 64; y += 8)
                {
                    column[y] = flat;
                }
                continue;
            }
            var line = new Line(column[0], column[8], column[16], column[24], column[32], column[40], column[48], column[56]);
            column[0] = Rounded(line.Even0 + line.Odd0, columnShift);
            column[56] = Rounded(line.Even0 - line.Odd0, columnShift);
            column[8] = Rounded(line.Even1 + line.Odd1, columnShift);
            column[48] = Rounded(line.Even1 - line.Odd1, columnShift);
            column[16] = Rounded(line.Even2 + line.Odd2, columnShift);
            column[40] = Rounded(line.Even2 - line.Odd2, columnShift);
            column[24] = Rounded(line.Even3 + line.Odd3, columnShift);
            column[32] = Rounded(line.Even3 - line.Odd3, columnShift);
        }
        var rowShift = FractionBits + _passBits + 3;
        for (var y = 0; y < 8; y++)
        {
            var row = coefficients.Slice(8 * y, 8);
            var target = samples.Slice(y * stride, 8);
            var line = new Line(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]);
            target[0] = Sample(Rounded(line.Even0 + line.Odd0, rowShift));
            target[7] = Sample(Rounded(line.Even0 - line.Odd0, rowShift));
            target[1] = Sample(Rounded(line.Even1 + line.Odd1, rowShift));
            target[6] = Sample(Rounded(line.Even1 - line.Odd1, rowShift));
            target[2] = Sample(Rounded(line.Even2 + line.Odd2, rowShift));
            target[5] = Sample(Rounded(line.Even2 - line.Odd2, rowShift));
            target[3] = Sample(Rounded(line.Even3 + line.Odd3, rowShift));
            target[4] = Sample(Rounded(line.Even3 - line.Odd3, rowShift));
        }
    }

    private static int Rounded(int value, int shift) => (value + (1 << (shift - 1))) >> shift;

    private ushort Sample(int value) => (ushort)Math.Clamp(value + _centre, 0, _largest);

    // Eight coefficients to the sums and differences that their samples are made of.
    private readonly ref struct Line
    {
        public readonly int Even0, Even1, Even2, Even3, Odd0, Odd1, Odd2, Odd3;

        public Line(int c0, int c1, int c2, int c3, int c4, int c5, int c6, int c7)
        {
            var turn = (c2 + c6) * F0541;
            var (turned2, turned6) = (turn + c2 * F0765, turn - c6 * F1847);
            var (sum, difference) = ((c0 + c4) << FractionBits, (c0 - c4) << FractionBits);
            (Even0, Even3) = (sum + turned2, sum - turned2);
            (Even1, Even2) = (difference + turned6, difference - turned6);

            var all = (c7 + c3 + c5 + c1) * F1175;
            var outer = -(c7 + c1) * F0899;
            var inner = -(c5 + c3) * F2562;
            var low = all - (c7 + c3) * F1961;
            var high = all - (c5 + c1) * F0390;
            Odd3 = c7 * F0298 + outer + low;
            Odd2 = c5 * F2053 + inner + high;
            Odd1 = c3 * F3072 + inner + low;
            Odd0 = c1 * F1501 + outer + high;
        }
    }
}
