namespace VnaCloud.Imaging;

/// <summary>Colour spaces of <c>iccprofile</c> (PS3.18 8.3.5.1.5).</summary>
public enum ColourSpace
{
    /// <summary>IEC 61966-2-1, which pictures without a profile are taken for.</summary>
    Srgb,

    /// <summary>Adobe RGB (1998).</summary>
    AdobeRgb,

    /// <summary>ROMM RGB, ISO 22028-2.</summary>
    RommRgb,

    /// <summary>Display P3, SMPTE EG 432-1 with the curve of sRGB.</summary>
    DisplayP3,
}

/// <summary>Primaries and curves. Matrices give XYZ relative to D50, the connection space of ICC profiles, from linear red, green and blue.</summary>
internal static class ColourSpaces
{
    public static string NameOf(ColourSpace space) => space switch
    {
        ColourSpace.Srgb => "sRGB",
        ColourSpace.AdobeRgb => "Adobe RGB (1998)",
        ColourSpace.RommRgb => "ROMM RGB",
        _ => "Display P3",
    };

    /// <summary>Row by row.</summary>
    public static double[] Matrix(ColourSpace space) => space switch
    {
        ColourSpace.Srgb => [0.4360747, 0.3850649, 0.1430804, 0.2225045, 0.7168786, 0.0606169, 0.0139322, 0.0971045, 0.7141733],
        ColourSpace.AdobeRgb => [0.6097559, 0.2052401, 0.1492240, 0.3111242, 0.6256560, 0.0632197, 0.0194811, 0.0608902, 0.7448387],
        ColourSpace.RommRgb => [0.7976749, 0.1351917, 0.0313534, 0.2880402, 0.7118741, 0.0000857, 0.0000000, 0.0000000, 0.8252100],
        _ => [0.5151020, 0.2919650, 0.1571530, 0.2411820, 0.6922360, 0.0665819, -0.0010505, 0.0418818, 0.7843780],
    };

    /// <summary>
    /// The curve from a code value to linear light as ICC's parametric type 3: (a x + b)^g from d on, c x below (ICC.1 10.18).
    /// </summary>
    public static (double G, double A, double B, double C, double D) Curve(ColourSpace space) => space switch
    {
        ColourSpace.AdobeRgb => (563.0 / 256, 1, 0, 0, 0),
        ColourSpace.RommRgb => (1.8, 1, 0, 1.0 / 16, 1.0 / 32),
        _ => (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    };

    public static double ToLinear(ColourSpace space, double value)
    {
        var (g, a, b, c, d) = Curve(space);
        return value >= d ? Math.Pow(a * value + b, g) : c * value;
    }

    public static double FromLinear(ColourSpace space, double light)
    {
        var (g, a, b, c, d) = Curve(space);
        return c > 0 && light < c * d ? light / c : (Math.Pow(light, 1 / g) - b) / a;
    }
}
