using System.Globalization;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>The query parameters of rendered resources (PS3.18 8.3.5.1).</summary>
/// <param name="Options">Window and viewport.</param>
/// <param name="Quality">JPEG quality, 1 to 100.</param>
/// <param name="Ignored">Parameters that are optional and not supported.</param>
internal sealed record RenderedRequest(RenderOptions Options, int Quality, IReadOnlyList<string> Ignored)
{
    private static readonly string[] Names = ["window", "viewport", "quality", "iccprofile", "annotation"];
    // In the order of IccChoice.
    private static readonly string[] Profiles = ["no", "yes", "srgb", "adobergb", "rommrgb", "displayp3"];

    /// <summary>Names this form among all of an instance's.</summary>
    public string Form => $"{Options.Window}|{Options.Viewport}|{Quality}|{Options.Profile}";

    /// <summary>Reads them; null with the reason when one is wrong.</summary>
    public static RenderedRequest? Read(IQueryCollection query, out string problem)
    {
        problem = "";
        VoiWindow? window = null;
        VoiWindow level = default;
        Viewport? viewport = null;
        var quality = PictureEncoder.DefaultQuality;
        var ignored = new List<string>();
        if (Repeated(query) is { } twice)
        {
            problem = $"{twice} is given more than once.";
        }
        else if (query["window"] is [{ Length: > 0 } asked] && !VoiWindow.TryParse(asked, out level, out problem))
        {
        }
        else if (query["viewport"] is [{ Length: > 0 } port] && !Viewport.TryParse(port, out viewport, out problem))
        {
        }
        else if (query["quality"] is [{ Length: > 0 } text] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out quality) || quality is < 1 or > 100))
        {
            problem = "quality is a number from 1 to 100.";
        }
        else if (query["iccprofile"] is [{ Length: > 0 } profile] && !Profiles.Contains(profile, StringComparer.Ordinal))
        {
            problem = $"iccprofile is one of {string.Join(", ", Profiles)}.";
        }
        else if (query["annotation"] is [{ Length: > 0 } annotation] && !annotation.Split(',').All(static what => what is "patient" or "technique"))
        {
            problem = "annotation is patient, technique, or both with a comma.";
        }
        if (problem.Length > 0)
        {
            return null;
        }
        if (query["annotation"].Count > 0)
        {
            ignored.Add("annotation");
        }
        var icc = query["iccprofile"] is [{ Length: > 0 } named] ? (IccChoice)Array.IndexOf(Profiles, named) : IccChoice.No;
        window = query["window"] is [{ Length: > 0 }] ? level : null;
        return new RenderedRequest(RenderOptions.Default with { Window = window, Viewport = viewport, Profile = icc }, quality, ignored);
    }

    private static string? Repeated(IQueryCollection query) => Names.FirstOrDefault(name => query[name].Count > 1);
}
