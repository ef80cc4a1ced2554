namespace VnaCloud.Imaging;

/// <summary>
/// From the samples of a component to one for each pixel. T.81 leaves it open how; these are the ways of IJG's release 6b, and so of
/// DCMTK: linear ("fancy", centres of samples between pixels) for half the samples across, and across and down; repeated otherwise.
/// </summary>
internal static class Upsampling
{
    // With two samples or less IJG has no neighbours to look at.
    private const int LeastWidth = 3;

    /// <summary>Half the samples across, all lines.</summary>
    public static bool IsSmoothAcross(JpegPlane plane) => plane is { ScaleAcross: 2, ScaleDown: 1, Width: >= LeastWidth };

    /// <summary>Half the samples each way.</summary>
    public static bool IsSmoothDown(JpegPlane plane) => plane is { ScaleAcross: 2, ScaleDown: 2, Width: >= LeastWidth };

    public static void Repeat(ReadOnlySpan<ushort> samples, int scale, Span<ushort> pixels)
    {
        for (var x = 0; x < samples.Length; x++)
        {
            pixels.Slice(x * scale, scale).Fill(samples[x]);
        }
    }

    /// <summary>Three quarters of the nearer sample, one of the other; rounded down and up in turn, which adds no bias.</summary>
    public static void SmoothAcross(ReadOnlySpan<ushort> samples, Span<ushort> pixels)
    {
        var last = samples.Length - 1;
        for (var x = 0; x <= last; x++)
        {
            var near = 3 * samples[x];
            pixels[2 * x] = x == 0 ? samples[0] : (ushort)((near + samples[x - 1] + 1) >> 2);
            pixels[2 * x + 1] = x == last ? samples[last] : (ushort)((near + samples[x + 1] + 2) >> 2);
        }
    }

    /// <summary>The same in both directions.</summary>
    public static void SmoothBoth(ReadOnlySpan<ushort> near, ReadOnlySpan<ushort> far, Span<ushort> pixels)
    {
        far = far[..near.Length];
        var before = 3 * near[0] + far[0];
        var here = before;
        for (var x = 0; x < near.Length; x++)
        {
            var next = x + 1 < near.Length ? 3 * near[x + 1] + far[x + 1] : here;
            pixels[2 * x] = (ushort)((3 * here + before + 8) >> 4);
            pixels[2 * x + 1] = (ushort)((3 * here + next + 7) >> 4);
            (before, here) = (here, next);
        }
    }
}
