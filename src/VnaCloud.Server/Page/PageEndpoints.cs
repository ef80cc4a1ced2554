using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Page;

/// <summary>The study page at <c>/</c>, whose only way to the archive is DICOMweb. Its URLs are relative, because a proxy may put it under any path.</summary>
internal static class PageEndpoints
{
    // Frames show reports and documents, media videos, all by the archive's rendered resources.
    private const string Allows = "frame-src 'self'; media-src 'self'; form-action 'self'";

    private static readonly Lazy<StaticFiles> Files = new(static () => new StaticFiles("page/", "same-origin"));

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapRead("/", (HttpContext context) =>
            context.Request.Path.HasValue ? Files.Value.Answer(context, "index.html", Allows) : Results.Redirect($"{context.Request.PathBase}/{context.Request.QueryString}"))
            .ExcludeFromDescription().IsPage(forGuests: false);
        routes.MapRead("/page/{file}", (HttpContext context, string file) => Files.Value.Answer(context, file, Allows)).ExcludeFromDescription().IsOpenToAll();
    }
}
