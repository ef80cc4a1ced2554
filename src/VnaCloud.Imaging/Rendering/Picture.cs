namespace VnaCloud.Imaging;

/// <summary>What a frame looks like: 8 bits a sample, row after row without gaps, samples of a pixel side by side.</summary>
public sealed record Picture
{
    /// <summary>Most pixels of a picture; 2^28, four times the largest display's.</summary>
    public const long MaxPixels = 1 << 28;

    /// <summary>A picture of these samples.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels downwards.</param>
    /// <param name="channels">1 for grayscale (0 is black), 3 for red, green, blue.</param>
    /// <param name="samples">Width times height times channels bytes.</param>
    public Picture(int width, int height, int channels, byte[] samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "1 or 3.");
        }
        if (samples.LongLength != (long)width * height * channels)
        {
            throw new ArgumentException($"{samples.Length} samples for {width} x {height} x {channels}.", nameof(samples));
        }
        (Width, Height, Channels, Samples) = (width, height, channels, samples);
    }

    /// <summary>Pixels across.</summary>
    public int Width { get; }

    /// <summary>Pixels downwards.</summary>
    public int Height { get; }

    /// <summary>1 or 3.</summary>
    public int Channels { get; }

    /// <summary>The samples.</summary>
    public ReadOnlyMemory<byte> Samples { get; }

    /// <summary>The ICC profile that says what its colours mean; empty for none, which is taken for sRGB.</summary>
    public ReadOnlyMemory<byte> Profile { get; init; }

    /// <summary>A sentence about what was asked for and is not so; null where all is.</summary>
    public string? Remark { get; init; }

    /// <summary>Bytes of a row.</summary>
    public int RowLength => Width * Channels;

    /// <summary>The samples of a row, from 0 at the top.</summary>
    public ReadOnlySpan<byte> Row(int row) => Samples.Span.Slice(row * RowLength, RowLength);
}
