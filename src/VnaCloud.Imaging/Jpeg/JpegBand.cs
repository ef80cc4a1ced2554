namespace VnaCloud.Imaging;

/// <summary>
/// The lines of a component that one row of MCUs holds, below the last two of the row before: whoever has half the lines of the frame is
/// spread over it by looking at the lines above and below.
/// </summary>
internal sealed class JpegBand
{
    /// <summary>Samples of a DCT block each way.</summary>
    public const int BlockSize = 8;
    private const int Kept = 2;
    private readonly JpegPlane _plane;
    private readonly ushort[] _samples;
    private readonly ushort[] _pixels;
    private readonly int _height;

    public JpegBand(JpegPlane plane, int mcusPerRow)
    {
        _plane = plane;
        _height = BlockSize * plane.UnitsDown;
        Stride = mcusPerRow * plane.UnitsAcross * BlockSize;
        _samples = new ushort[(Kept + _height) * Stride];
        _pixels = new ushort[plane.Width * plane.ScaleAcross];
    }

    /// <summary>From a sample to the one below it.</summary>
    public int Stride { get; }

    /// <summary>Where a block of the row begins.</summary>
    public Span<ushort> Block(int across, int down) => _samples.AsSpan((Kept + down * BlockSize) * Stride + across * BlockSize);

    /// <summary>Writes the pixels whose samples are all there, and keeps what the next row needs.</summary>
    public void Write(int row, JpegOutput output)
    {
        var first = row * _height;
        var end = Math.Min(first + _height, _plane.Lines);
        var isLast = end == _plane.Lines;
        for (var line = Math.Max(first - 1, 0); line < (isLast ? end : end - 1); line++)
        {
            if (Upsampling.IsSmoothDown(_plane))
            {
                // The nearer line counts three times; at the edges it is its own neighbour.
                WriteSmooth(line, Math.Max(line - 1, 0), 2 * line, first, output);
                WriteSmooth(line, Math.Min(line + 1, _plane.Lines - 1), 2 * line + 1, first, output);
                continue;
            }
            var pixels = Across(Line(line, first));
            for (var i = 0; i < _plane.ScaleDown; i++)
            {
                output.Write(pixels, line * _plane.ScaleDown + i, _plane.Component);
            }
        }
        _samples.AsSpan(_height * Stride, Kept * Stride).CopyTo(_samples);
    }

    private ReadOnlySpan<ushort> Line(int line, int first) => _samples.AsSpan((line - first + Kept) * Stride, _plane.Width);

    private void WriteSmooth(int near, int far, int row, int first, JpegOutput output)
    {
        Upsampling.SmoothBoth(Line(near, first), Line(far, first), _pixels);
        output.Write(_pixels, row, _plane.Component);
    }

    private ReadOnlySpan<ushort> Across(ReadOnlySpan<ushort> line)
    {
        if (_plane.ScaleAcross == 1)
        {
            return line;
        }
        if (Upsampling.IsSmoothAcross(_plane))
        {
            Upsampling.SmoothAcross(line, _pixels);
        }
        else
        {
            Upsampling.Repeat(line, _plane.ScaleAcross, _pixels);
        }
        return _pixels;
    }
}
