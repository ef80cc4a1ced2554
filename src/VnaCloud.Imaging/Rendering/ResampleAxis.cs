namespace VnaCloud.Imaging;

/// <summary>Which samples of a line make up each sample of a shorter or longer one, and with what weight: their weights add up to 1.</summary>
internal sealed class ResampleAxis
{
    private readonly int[] _first;
    private readonly int[] _lengths;
    private readonly float[] _weights;
    private readonly int _widest;

    /// <summary>Weights for <paramref name="count"/> samples.</summary>
    /// <param name="start">Where the region begins, in samples of the input.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="extent">Samples of the input.</param>
    /// <param name="count">Samples of the output.</param>
    /// <param name="reverse">The last sample comes first.</param>
    public ResampleAxis(double start, double length, int extent, int count, bool reverse)
    {
        Count = count;
        var step = length / count;
        _widest = (int)Math.Ceiling(Math.Max(step, 1)) + 1;
        _first = new int[count];
        _lengths = new int[count];
        _weights = new float[(long)count * _widest];
        for (var i = 0; i < count; i++)
        {
            var from = start + ((reverse ? count - 1 - i : i) * step);
            if (step > 1)
            {
                Average(i, from, from + step, extent);
            }
            else
            {
                // A region's edge is its edge: what lies beyond it does not shine in.
                var least = Math.Clamp((int)Math.Floor(start), 0, extent - 1);
                var most = Math.Clamp((int)Math.Ceiling(start + length) - 1, least, extent - 1);
                Interpolate(i, Math.Clamp(from + (step / 2) - 0.5, least, most), most);
            }
        }
    }

    /// <summary>Samples of the output.</summary>
    public int Count { get; }

    /// <summary>The first sample of the input that an output sample is made of.</summary>
    public int First(int index) => _first[index];

    /// <summary>The weights of it and of those that follow.</summary>
    public ReadOnlySpan<float> Weights(int index) => _weights.AsSpan(index * _widest, _lengths[index]);

    // Each sample of the input counts with the part of it that lies inside.
    private void Average(int index, double from, double to, int extent)
    {
        var first = Math.Clamp((int)Math.Floor(from), 0, extent - 1);
        var last = Math.Clamp((int)Math.Ceiling(to) - 1, first, Math.Min(extent - 1, first + _widest - 1));
        _first[index] = first;
        _lengths[index] = last - first + 1;
        var weights = _weights.AsSpan(index * _widest, _lengths[index]);
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var part = Math.Max(0, Math.Min(to, first + i + 1) - Math.Max(from, first + i));
            weights[i] = (float)part;
            sum += part;
        }
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] / sum);
        }
    }

    private void Interpolate(int index, double center, int most)
    {
        var first = (int)Math.Floor(center);
        var second = (float)(center - first);
        _first[index] = first;
        _lengths[index] = second > 0 && first < most ? 2 : 1;
        _weights[index * _widest] = _lengths[index] == 2 ? 1 - second : 1;
        if (_lengths[index] == 2)
        {
            _weights[(index * _widest) + 1] = second;
        }
    }
}
