namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Pictures to be written and read back.</summary>
internal static class Pictures
{
    /// <summary>Nothing that compresses.</summary>
    public static Picture Noise(int width, int height, int channels)
    {
        var samples = new byte[width * height * channels];
        var state = 12345u;
        for (var i = 0; i < samples.Length; i++)
        {
            state = (state * 1_664_525) + 1_013_904_223;
            samples[i] = (byte)(state >> 24);
        }
        return new Picture(width, height, channels, samples);
    }

    /// <summary>A slope in every channel, each in another direction.</summary>
    public static Picture Ramp(int width, int height, int channels)
    {
        var samples = new byte[width * height * channels];
        for (var i = 0; i < samples.Length; i++)
        {
            var (pixel, channel) = Math.DivRem(i, channels);
            var (y, x) = Math.DivRem(pixel, width);
            samples[i] = (byte)(channel switch { 0 => x * 255 / width, 1 => y * 255 / height, _ => 255 - (x * 255 / width) });
        }
        return new Picture(width, height, channels, samples);
    }

    /// <summary>One grey.</summary>
    public static Picture Flat(int width, int height) => new(width, height, 1, [.. Enumerable.Repeat((byte)77, width * height)]);
}
