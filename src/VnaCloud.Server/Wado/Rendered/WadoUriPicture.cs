using System.Globalization;
using VnaCloud.Archive;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>The parameters of pictures in WADO-URI (PS3.18 9.1.2.2.4): rows, columns, region, windowCenter, windowWidth, imageQuality, frameNumber.</summary>
internal static class WadoUriPicture
{
    private static readonly string[] Names = ["rows", "columns", "region", "windowCenter", "windowWidth", "imageQuality", "frameNumber", "annotation", "presentationUID", "presentationSeriesUID"];

    /// <summary>Reads them; null with the reason when one is wrong.</summary>
    public static RenderedRequest? Read(IQueryCollection query, InstanceEntry instance, out int? frame, out string problem)
    {
        frame = null;
        var (rows, columns, quality) = ((int?)null, (int?)null, (int?)null);
        problem = Names.FirstOrDefault(name => query[name].Count > 1) is { } twice ? $"{twice} is given more than once."
            : !Number(query, "rows", Viewport.MaxExtent, out rows) || !Number(query, "columns", Viewport.MaxExtent, out columns) ? $"rows and columns are numbers from 1 to {Viewport.MaxExtent}."
            : !Number(query, "imageQuality", 100, out quality) ? "imageQuality is a number from 1 to 100."
            : !Number(query, "frameNumber", int.MaxValue, out frame) ? "frameNumber is a number from 1."
            : query["windowCenter"].Count != query["windowWidth"].Count ? "windowCenter and windowWidth belong together."
            : query["presentationUID"].Count + query["presentationSeriesUID"].Count > 0 ? Shots.NoPresentationStates
            : AnnotationParameter.Read(query["annotation"].ToString()) is null ? AnnotationParameter.Wrong : "";
        if (problem.Length > 0 || !Region(query, instance, out var region, out problem) || !Window(query, out var window, out problem))
        {
            return null;
        }
        var viewport = rows is null && columns is null && region is null ? null : (region ?? new Viewport { Width = 1, Height = 1 }) with
        {
            // One alone leaves the other free: the aspect ratio is kept.
            Width = columns ?? (rows is null ? Extent(region, instance.Attributes.Columns, wide: true) : Viewport.MaxExtent),
            Height = rows ?? (columns is null ? Extent(region, instance.Attributes.Rows, wide: false) : Viewport.MaxExtent),
        };
        var annotations = AnnotationParameter.Read(query["annotation"].ToString()) ?? AnnotationParameter.None;
        return new RenderedRequest(RenderOptions.Default with { Window = window, Viewport = viewport, Annotations = annotations.Wanted }, quality ?? PictureEncoder.DefaultQuality, annotations.Remark);
    }

    private static int Extent(Viewport? region, int? image, bool wide) => Math.Clamp((int)Math.Round((wide ? region?.RegionWidth : region?.RegionHeight) ?? image ?? 1), 1, Viewport.MaxExtent);

    private static bool Number(IQueryCollection query, string name, int most, out int? value)
    {
        value = null;
        if (query[name].Count == 0)
        {
            return true;
        }
        var isNumber = int.TryParse(query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most;
        value = number;
        return isNumber;
    }

    private static bool Window(IQueryCollection query, out VoiWindow? window, out string problem)
    {
        (window, problem) = (null, "");
        if (query["windowCenter"].Count == 0)
        {
            return true;
        }
        var isWindow = VoiWindow.TryParse($"{query["windowCenter"]},{query["windowWidth"]},linear", out var level, out problem);
        window = level;
        return isWindow;
    }

    // Left, top, right and bottom as fractions of the image.
    private static bool Region(IQueryCollection query, InstanceEntry instance, out Viewport? region, out string problem)
    {
        (region, problem) = (null, "");
        if (query["region"].Count == 0)
        {
            return true;
        }
        var parts = query["region"].ToString().Split(',');
        var edges = new double[4];
        for (var i = 0; i < 4; i++)
        {
            if (parts.Length != 4 || !double.TryParse(parts[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out edges[i]) || edges[i] > 1)
            {
                problem = "region is left,top,right,bottom, each from 0 to 1.";
                return false;
            }
        }
        if (edges[2] <= edges[0] || edges[3] <= edges[1])
        {
            problem = "region has its right and bottom edges before its left and top edges.";
            return false;
        }
        var (width, height) = (instance.Attributes.Columns ?? 1, instance.Attributes.Rows ?? 1);
        region = new Viewport { Width = 1, Height = 1, Left = edges[0] * width, Top = edges[1] * height, RegionWidth = (edges[2] - edges[0]) * width, RegionHeight = (edges[3] - edges[1]) * height };
        return true;
    }
}
