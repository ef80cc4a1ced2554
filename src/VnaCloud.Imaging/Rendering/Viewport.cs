using System.Globalization;

namespace VnaCloud.Imaging;

/// <summary>
/// The box that a picture is to fit in, and the region of the image that it shows (PS3.18 section 8.3.5.1.3). The picture keeps the
/// region's proportions: it is as wide as the viewport, or as high, and never larger or padded.
/// </summary>
public sealed record Viewport
{
    /// <summary>Most pixels across and downwards that a viewport may ask for; 8192, beyond any display. A small request must not cost a large answer.</summary>
    public const int MaxExtent = 8192;

    /// <summary>Width of the box, vw.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the box, vh.</summary>
    public required int Height { get; init; }

    /// <summary>Left edge of the region in pixels of the image, sx.</summary>
    public double Left { get; init; }

    /// <summary>Top edge of the region, sy.</summary>
    public double Top { get; init; }

    /// <summary>Width of the region, sw; negative shows it mirrored from left to right; null is the width of the image.</summary>
    public double? RegionWidth { get; init; }

    /// <summary>Height of the region, sh; negative shows it upside down; null is the height of the image.</summary>
    public double? RegionHeight { get; init; }

    /// <summary>Reads the value of a query's <c>viewport</c> parameter: vw,vh[,sx,sy,sw,sh], where each of the last four may be empty.</summary>
    /// <param name="text">The value, percent-decoded.</param>
    /// <param name="viewport">The viewport.</param>
    /// <param name="error">What is wrong with it, to be answered with a 400; empty when nothing is.</param>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Viewport? viewport, out string error)
    {
        viewport = null;
        var parts = (text ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is < 2 or > 6)
        {
            error = "viewport is vw,vh or vw,vh,sx,sy,sw,sh.";
            return false;
        }
        if (!TryExtent(parts[0], out var width) || !TryExtent(parts[1], out var height))
        {
            error = $"viewport: vw and vh are whole numbers from 1 to {MaxExtent}.";
            return false;
        }
        var region = new double?[4];
        for (var i = 2; i < parts.Length; i++)
        {
            if (parts[i].Length > 0 && !TryDecimal(parts[i], out region[i - 2]))
            {
                error = "viewport: sx, sy, sw and sh are decimal numbers.";
                return false;
            }
        }
        error = region[0] < 0 || region[1] < 0 ? "viewport: sx and sy are not negative."
            : region[2] == 0 || region[3] == 0 ? "viewport: sw and sh are not 0." : "";
        viewport = error.Length > 0 ? null : new Viewport
        {
            Width = width,
            Height = height,
            Left = region[0] ?? 0,
            Top = region[1] ?? 0,
            RegionWidth = region[2],
            RegionHeight = region[3],
        };
        return viewport is not null;
    }

    /// <summary>Part of the region lies inside an image of this size. Where none does, there is nothing to show: a 400.</summary>
    public bool Meets(int columns, int rows) => Left < columns && Top < rows;

    private static bool TryExtent(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= MaxExtent;

    private static bool TryDecimal(string text, out double? value)
    {
        var ok = double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        value = number;
        return ok && double.IsFinite(number);
    }
}
