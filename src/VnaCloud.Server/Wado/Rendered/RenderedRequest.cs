using System.Globalization;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>The query parameters of rendered resources (PS3.18 8.3.5.1).</summary>
/// <param name="Options">Window, viewport, profile and annotations.</param>
/// <param name="Quality">JPEG quality, 1 to 100.</param>
/// <param name="Remark">A sentence about what is optional and not supported; null where there is none.</param>
internal sealed record RenderedRequest(RenderOptions Options, int Quality, string? Remark)
{
    private static readonly string[] Names = ["window", "viewport", "quality", "iccprofile", "annotation"];
    // In the order of IccChoice.
    private static readonly string[] Profiles = ["no", "yes", "srgb", "adobergb", "rommrgb", "displayp3"];

    /// <summary>Names this form among all of an instance's.</summary>
    public string Form => $"{Options.Window}|{Options.Viewport}|{Quality}|{Options.Profile}|{Options.Annotations}";

    /// <summary>Reads them; null with the reason when one is wrong.</summary>
    public static RenderedRequest? Read(IQueryCollection query, out string problem)
    {
        problem = "";
        VoiWindow? window = null;
        VoiWindow level = default;
        Viewport? viewport = null;
        var quality = PictureEncoder.DefaultQuality;
        var annotations = AnnotationParameter.None;
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
        else if (query["annotation"] is [{ Length: > 0 } annotation] && (annotations = AnnotationParameter.Read(annotation)) is null)
        {
            problem = AnnotationParameter.Wrong;
        }
        if (problem.Length > 0)
        {
            return null;
        }
        var icc = query["iccprofile"] is [{ Length: > 0 } named] ? (IccChoice)Array.IndexOf(Profiles, named) : IccChoice.No;
        window = query["window"] is [{ Length: > 0 }] ? level : null;
        return new RenderedRequest(RenderOptions.Default with { Window = window, Viewport = viewport, Profile = icc, Annotations = annotations!.Wanted }, quality, annotations.Remark);
    }

    private static string? Repeated(IQueryCollection query) => Names.FirstOrDefault(name => query[name].Count > 1);
}
