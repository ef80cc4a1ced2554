using System.Globalization;

namespace VnaCloud.Imaging;

/// <summary>VOI LUT Function (0028,1056), PS3.3 C.11.2.1.</summary>
public enum VoiFunction
{
    /// <summary>LINEAR, the default: C.11.2.1.2.1.</summary>
    Linear,

    /// <summary>LINEAR_EXACT: C.11.2.1.3.2.</summary>
    LinearExact,

    /// <summary>SIGMOID: C.11.2.1.3.1.</summary>
    Sigmoid,
}

/// <summary>Which part of the values of interest becomes which grey (PS3.3 C.11.2.1.2 and C.11.2.1.3).</summary>
/// <param name="Center">Window Center (0028,1050).</param>
/// <param name="Width">Window Width (0028,1051).</param>
/// <param name="Function">VOI LUT Function (0028,1056).</param>
public readonly record struct VoiWindow(double Center, double Width, VoiFunction Function = VoiFunction.Linear)
{
    /// <summary>LINEAR asks for a width of at least 1, the others for one above 0.</summary>
    public bool IsValid => double.IsFinite(Center) && double.IsFinite(Width) && (Function == VoiFunction.Linear ? Width >= 1 : Width > 0);

    /// <summary>The grey of a value, from 0 (black) to 1 (white).</summary>
    public double Level(double value) => Function switch
    {
        VoiFunction.Sigmoid => 1 / (1 + Math.Exp(-4 * (value - Center) / Width)),
        VoiFunction.LinearExact => Ramp(value, Center, Width),
        _ => Ramp(value, Center - 0.5, Width - 1),
    };

    /// <summary>Reads the value of a query's <c>window</c> parameter: center,width,function (PS3.18 section 8.3.5.1.4).</summary>
    /// <param name="text">The value, percent-decoded.</param>
    /// <param name="window">The window.</param>
    /// <param name="error">What is wrong with it, to be answered with a 400; empty when nothing is.</param>
    /// <remarks>A missing function is taken for linear, as clients written before 2018 mean it.</remarks>
    public static bool TryParse(string? text, out VoiWindow window, out string error)
    {
        window = default;
        var parts = (text ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is not (2 or 3))
        {
            error = "window is center,width,function.";
            return false;
        }
        if (!TryNumber(parts[0], out var center) || !TryNumber(parts[1], out var width))
        {
            error = "window: center and width are decimal numbers.";
            return false;
        }
        if (FunctionOf(parts.Length == 3 ? parts[2] : "linear") is not { } function)
        {
            error = "window: function is linear, linear-exact or sigmoid.";
            return false;
        }
        window = new VoiWindow(center, width, function);
        error = window.IsValid ? "" : function == VoiFunction.Linear ? "window: width is at least 1 for linear." : "window: width is above 0.";
        return window.IsValid;
    }

    // At the lower end the formulas say "less or equal", at the upper one "greater": a ramp of no width is a step.
    private static double Ramp(double value, double center, double width) =>
        value <= center - (width / 2) ? 0 : value > center + (width / 2) ? 1 : ((value - center) / width) + 0.5;

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static VoiFunction? FunctionOf(string text) => text.ToUpperInvariant() switch
    {
        "LINEAR" => VoiFunction.Linear,
        "LINEAR-EXACT" or "LINEAR_EXACT" => VoiFunction.LinearExact,
        "SIGMOID" => VoiFunction.Sigmoid,
        _ => null,
    };
}
