using System.Numerics;

namespace VnaCloud.Imaging;

/// <summary>
/// Shows a region of a picture in another size: the mean of the area where pixels become fewer, bilinear where they become more, each
/// direction for itself. Never more than two rows are held besides input and output.
/// </summary>
internal sealed class Resampler
{
    private readonly Picture _source;
    private readonly ResampleAxis _across;
    private readonly ResampleAxis _down;
    private readonly (int Row, float[] Samples)[] _rows;
    private int _oldest;

    private Resampler(Picture source, PictureSize size)
    {
        var region = size.Region;
        _source = source;
        _across = new ResampleAxis(region.Left, region.Width, source.Width, size.Width, region.IsMirrored);
        _down = new ResampleAxis(region.Top, region.Height, source.Height, size.Height, region.IsUpsideDown);
        _rows = [(-1, new float[size.Width * source.Channels]), (-1, new float[size.Width * source.Channels])];
    }

    /// <summary>The region of the size that <paramref name="size"/> says.</summary>
    public static Picture Resample(Picture source, PictureSize size) => new Resampler(source, size).Run();

    private Picture Run()
    {
        var channels = _source.Channels;
        var output = new byte[_across.Count * channels * _down.Count];
        var sum = new float[_across.Count * channels];
        for (var y = 0; y < _down.Count; y++)
        {
            Array.Clear(sum);
            var first = _down.First(y);
            var weights = _down.Weights(y);
            for (var i = 0; i < weights.Length; i++)
            {
                AddWeighted(sum, Row(first + i), weights[i]);
            }
            var to = output.AsSpan(y * sum.Length, sum.Length);
            for (var x = 0; x < to.Length; x++)
            {
                to[x] = (byte)Math.Clamp(sum[x] + 0.5f, 0, 255);
            }
        }
        return new Picture(_across.Count, _down.Count, channels, output);
    }

    private static void AddWeighted(float[] sum, float[] row, float weight)
    {
        var x = 0;
        for (; x <= sum.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            (new Vector<float>(sum, x) + (new Vector<float>(row, x) * weight)).CopyTo(sum, x);
        }
        for (; x < sum.Length; x++)
        {
            sum[x] += weight * row[x];
        }
    }

    // Neighbouring rows of the output share a row of the input when shrinking, and two of them when enlarging.
    private float[] Row(int row)
    {
        foreach (var held in _rows)
        {
            if (held.Row == row)
            {
                return held.Samples;
            }
        }
        var samples = _rows[_oldest].Samples;
        _rows[_oldest] = (row, samples);
        _oldest = 1 - _oldest;
        Across(_source.Row(row), samples);
        return samples;
    }

    private void Across(ReadOnlySpan<byte> from, float[] to)
    {
        var channels = _source.Channels;
        for (var x = 0; x < _across.Count; x++)
        {
            var weights = _across.Weights(x);
            var first = _across.First(x) * channels;
            for (var channel = 0; channel < channels; channel++)
            {
                var sum = 0f;
                for (var i = 0; i < weights.Length; i++)
                {
                    sum += weights[i] * from[first + (i * channels) + channel];
                }
                to[(x * channels) + channel] = sum;
            }
        }
    }
}
