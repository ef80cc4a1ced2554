namespace VnaCloud.Imaging;

/// <summary>Whether the three components of a JPEG frame are YCbCr, and what they are in RGB.</summary>
internal static class JpegColour
{
    /// <summary>
    /// What the stream says of itself goes first: data sets that say RGB over JFIF streams are common. Where it says nothing, the
    /// Photometric Interpretation counts (PS3.5 8.2.1).
    /// </summary>
    public static bool IsYcc(JpegHeader header, ImagePixels pixels)
    {
        if (header.Components.Count != 3)
        {
            return false;
        }
        return header switch
        {
            { HasJfif: true } => true,
            { AdobeTransform: { } transform } => transform == 1,
            _ when header.Components.Select(component => (char)component.Id).SequenceEqual("RGB") => false,
            _ => pixels.Photometric != "RGB",
        };
    }

    /// <summary>In place, ITU-R BT.601 at full range (PS3.3 C.7.6.3.1.2), rounded as the IJG's library does.</summary>
    public static void ToRgb(Span<byte> samples, int precision)
    {
        if (precision != 8)
        {
            throw new ImageException($"Colour JPEG of {precision} bits is not supported.");
        }
        const int bits = 16, half = 1 << (bits - 1);
        for (var i = 0; i + 2 < samples.Length; i += 3)
        {
            var (y, cb, cr) = (samples[i], samples[i + 1] - 128, samples[i + 2] - 128);
            samples[i] = Clamp(y + ((91881 * cr + half) >> bits));
            samples[i + 1] = Clamp(y + ((-22554 * cb - 46802 * cr + half) >> bits));
            samples[i + 2] = Clamp(y + ((116130 * cb + half) >> bits));
        }
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}
