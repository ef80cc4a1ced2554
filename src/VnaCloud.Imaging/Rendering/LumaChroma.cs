namespace VnaCloud.Imaging;

/// <summary>A luminance and two colour differences as red, green and blue (PS3.3 C.7.6.3.1.2).</summary>
internal static class LumaChroma
{
    private const int Bits = 16;
    private const int Half = 1 << (Bits - 1);

    /// <summary>YBR_FULL: the range is 0 to 255; the inverse of the matrix that the standard prints.</summary>
    public static readonly Matrix Full = Matrix.Of(0, 1, 1.402, -0.344136, -0.714136, 1.772);

    /// <summary>YBR_PARTIAL: luminance from 16 to 235, differences from 16 to 240 (Recommendation ITU-R BT.601).</summary>
    public static readonly Matrix Partial = Matrix.Of(16, 255.0 / 219, 1.402 * 255 / 224, -0.344136 * 255 / 224, -0.714136 * 255 / 224, 1.772 * 255 / 224);

    /// <summary>Converts interleaved pixels in place, and returns them.</summary>
    public static byte[] ToRgb(byte[] pixels, Matrix matrix)
    {
        for (var i = 0; i + 2 < pixels.Length; i += 3)
        {
            var y = ((pixels[i] - matrix.Black) * matrix.Luma) + Half;
            var blue = pixels[i + 1] - 128;
            var red = pixels[i + 2] - 128;
            pixels[i] = Clamp(y + (matrix.RedToRed * red));
            pixels[i + 1] = Clamp(y + (matrix.BlueToGreen * blue) + (matrix.RedToGreen * red));
            pixels[i + 2] = Clamp(y + (matrix.BlueToBlue * blue));
        }
        return pixels;
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value >> Bits, 0, 255);

    /// <summary>Factors times 2^16.</summary>
    internal readonly record struct Matrix(int Black, int Luma, int RedToRed, int BlueToGreen, int RedToGreen, int BlueToBlue)
    {
        public static Matrix Of(int black, double luma, double redToRed, double blueToGreen, double redToGreen, double blueToBlue) =>
            new(black, Fixed(luma), Fixed(redToRed), Fixed(blueToGreen), Fixed(redToGreen), Fixed(blueToBlue));

        private static int Fixed(double factor) => (int)Math.Round(factor * (1 << Bits));
    }
}
