namespace VnaCloud.Imaging;

/// <summary>
/// Row filters (ISO/IEC 15948 section 9): each row becomes differences from its neighbours, by the one of None, Sub, Up and Paeth that leaves
/// the least.
/// </summary>
internal sealed class PngFilter
{
    private const byte Paeth = 4;
    private readonly int _bytesPerPixel;
    private byte[] _previous;
    private byte[] _current;
    private byte[] _best;
    private byte[] _candidate;

    public PngFilter(int rowLength, int bytesPerPixel)
    {
        _bytesPerPixel = bytesPerPixel;
        // In front of a row lies a pixel of zeros, as the formulas have it.
        _previous = new byte[bytesPerPixel + rowLength];
        _current = new byte[bytesPerPixel + rowLength];
        _best = new byte[1 + rowLength];
        _candidate = new byte[1 + rowLength];
    }

    /// <summary>The filter's type and the filtered row; valid until the next call.</summary>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> row)
    {
        row.CopyTo(_current.AsSpan(_bytesPerPixel));
        var least = long.MaxValue;
        foreach (var type in (ReadOnlySpan<byte>)[0, 1, 2, Paeth])
        {
            var cost = Filter(type);
            if (cost < least)
            {
                least = cost;
                (_best, _candidate) = (_candidate, _best);
            }
        }
        (_previous, _current) = (_current, _previous);
        return _best;
    }

    // The sum of the differences as signed numbers, the measure that section 12.7 recommends.
    private long Filter(byte type)
    {
        _candidate[0] = type;
        var output = _candidate.AsSpan(1);
        ReadOnlySpan<byte> here = _current.AsSpan(_bytesPerPixel), left = _current, above = _previous.AsSpan(_bytesPerPixel), corner = _previous;
        var cost = 0L;
        for (var i = 0; i < output.Length; i++)
        {
            var difference = (byte)(here[i] - type switch
            {
                0 => 0,
                1 => left[i],
                2 => above[i],
                _ => Predict(left[i], above[i], corner[i]),
            });
            output[i] = difference;
            cost += Math.Abs((int)(sbyte)difference);
        }
        return cost;
    }

    private static int Predict(int left, int above, int corner)
    {
        var toLeft = Math.Abs(above - corner);
        var toAbove = Math.Abs(left - corner);
        var toCorner = Math.Abs(left + above - (2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
