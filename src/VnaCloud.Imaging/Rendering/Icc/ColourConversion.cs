namespace VnaCloud.Imaging;

/// <summary>Pictures turned into other colour spaces, relative to the white of both. What another space cannot show is cut off at its edge.</summary>
internal static class ColourConversion
{
    private const int Steps = 4096;

    /// <summary>A colour picture whose samples are what <paramref name="source"/> says, in another space.</summary>
    public static Picture Convert(Picture picture, IccSource source, ColourSpace target)
    {
        var matrix = Multiply(Invert(ColourSpaces.Matrix(target)), source.Matrix);
        var (red, green, blue) = (source.Curves[0], source.Curves[1], source.Curves[2]);
        var codes = new byte[Steps + 1];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)Math.Round(255 * Math.Clamp(ColourSpaces.FromLinear(target, Light(i)), 0, 1));
        }
        var from = picture.Samples.Span;
        var to = new byte[from.Length];
        for (var at = 0; at + 2 < to.Length; at += 3)
        {
            var (r, g, b) = (red[from[at]], green[from[at + 1]], blue[from[at + 2]]);
            for (var row = 0; row < 3; row++)
            {
                to[at + row] = codes[Step(matrix[3 * row] * r + matrix[3 * row + 1] * g + matrix[3 * row + 2] * b)];
            }
        }
        return new Picture(picture.Width, picture.Height, 3, to);
    }

    // Finer where it is dark, as the eye is.
    private static double Light(int step) => (double)step / Steps * step / Steps;

    private static int Step(double light) => (int)Math.Round(Math.Sqrt(Math.Clamp(light, 0, 1)) * Steps);

    private static double[] Multiply(double[] left, double[] right)
    {
        var product = new double[9];
        for (var i = 0; i < 9; i++)
        {
            for (var k = 0; k < 3; k++)
            {
                product[i] += left[i / 3 * 3 + k] * right[3 * k + i % 3];
            }
        }
        return product;
    }

    private static double[] Invert(double[] m)
    {
        var determinant = m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
        double[] adjugate =
        [
            m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
            m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
            m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
        ];
        return [.. adjugate.Select(value => value / determinant)];
    }
}
