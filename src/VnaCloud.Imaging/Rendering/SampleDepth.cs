namespace VnaCloud.Imaging;

/// <summary>Samples of any depth as the 8 bits of a picture.</summary>
internal static class SampleDepth
{
    /// <summary>The high bits of a deep sample, all of the range for a shallow one.</summary>
    public static byte To8(uint sample, int bits) => bits switch
    {
        8 => (byte)sample,
        > 8 => (byte)(sample >> (bits - 8)),
        _ => (byte)(sample * 255 / ((1u << bits) - 1)),
    };
}
