namespace VnaCloud.Imaging;

/// <summary>
/// Writes into a picture: white with a black outline, in the uppermost and lowest quarter of it at the left, never over its middle. Dots become
/// larger with the picture, by whole numbers.
/// </summary>
internal sealed class AnnotationPainter
{
    /// <summary>Pixels of the shorter side for which a dot is one pixel.</summary>
    private const int PixelsForADot = 400;

    private const int Margin = 2;

    private readonly Picture _picture;
    private readonly byte[] _samples;
    private readonly int _scale;

    private AnnotationPainter(Picture picture)
    {
        _picture = picture;
        _samples = picture.Samples.ToArray();
        _scale = Math.Max(1, Math.Min(picture.Width, picture.Height) / PixelsForADot);
    }

    /// <summary>Dots across and downwards of the picture.</summary>
    private (int Width, int Height) Dots => (_picture.Width / _scale, _picture.Height / _scale);

    /// <summary>The picture with what <paramref name="what"/> says in it.</summary>
    public static Picture Paint(Picture picture, Annotations what, Dicom.DicomDataSet data, int frame, int frames)
    {
        if (what == Annotations.None)
        {
            return picture;
        }
        var painter = new AnnotationPainter(picture);
        var top = what.HasFlag(Annotations.Patient) ? painter.Fit(AnnotationText.Patient(data)) : [];
        var bottom = what.HasFlag(Annotations.Technique) ? painter.Fit(AnnotationText.Technique(data, frame, frames)) : [];
        painter.Write(top, Margin);
        painter.Write(bottom, painter.Dots.Height - Margin - (bottom.Count * BitmapFont.LineHeight));
        return new Picture(picture.Width, picture.Height, picture.Channels, painter._samples) { Profile = picture.Profile, Remark = picture.Remark };
    }

    /// <summary>The picture with lines of any text in it, from its top on.</summary>
    public static Picture Write(Picture picture, IReadOnlyList<string> lines)
    {
        var painter = new AnnotationPainter(picture);
        painter.Write([.. lines.Select(BitmapFont.Write)], Margin);
        return new Picture(picture.Width, picture.Height, picture.Channels, painter._samples);
    }

    /// <summary>The lines as letters: each in a line of its own where they fit, else side by side; what does not fit is cut off with an ellipsis.</summary>
    private List<List<ulong>> Fit(IReadOnlyList<string> texts)
    {
        var most = ((Dots.Height / 4) - Margin) / BitmapFont.LineHeight;
        var across = (Dots.Width - (2 * Margin)) / BitmapFont.Advance;
        if (most < 1 || across < 1)
        {
            return [];
        }
        var words = texts.Select(BitmapFont.Write).ToList();
        var lines = words.Count <= most ? words : Flow(words, across);
        var cut = lines.Count > most;
        lines = [.. lines.Take(most).Select(line => Cut(line, across, line.Count > across))];
        if (cut)
        {
            lines[^1] = Cut(lines[^1], across, isCut: true);
        }
        return lines;
    }

    private static List<List<ulong>> Flow(List<List<ulong>> words, int across)
    {
        var lines = new List<List<ulong>>();
        var gap = BitmapFont.Write("  ");
        foreach (var word in words)
        {
            if (lines.Count > 0 && lines[^1].Count + gap.Count + word.Count <= across)
            {
                lines[^1] = [.. lines[^1], .. gap, .. word];
            }
            else
            {
                lines.Add(word);
            }
        }
        return lines;
    }

    private static List<ulong> Cut(List<ulong> line, int across, bool isCut) => isCut ? [.. line.Take(across - 1), .. BitmapFont.Write("…")] : line;

    private void Write(List<List<ulong>> lines, int top)
    {
        // All outlines first, so that none lies over a letter.
        for (var isOutline = 1; isOutline >= 0; isOutline--)
        {
            for (var line = 0; line < lines.Count; line++)
            {
                for (var i = 0; i < lines[line].Count; i++)
                {
                    Draw(lines[line][i], Margin + (i * BitmapFont.Advance), top + (line * BitmapFont.LineHeight), isOutline, isOutline == 1 ? (byte)0 : (byte)255);
                }
            }
        }
    }

    private void Draw(ulong letter, int left, int top, int around, byte level)
    {
        for (var dots = letter; dots != 0; dots &= dots - 1)
        {
            var (y, x) = Math.DivRem(System.Numerics.BitOperations.TrailingZeroCount(dots), BitmapFont.Width);
            var (from, to) = (Math.Max(0, (left + x - around) * _scale), Math.Min(_picture.Width, (left + x + 1 + around) * _scale));
            for (var row = Math.Max(0, (top + y - around) * _scale); row < Math.Min(_picture.Height, (top + y + 1 + around) * _scale); row++)
            {
                _samples.AsSpan((row * _picture.RowLength) + (from * _picture.Channels), (to - from) * _picture.Channels).Fill(level);
            }
        }
    }
}
