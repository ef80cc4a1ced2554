using System.Text;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Viewer;

/// <summary>
/// OHIF under <c>/viewer/</c>, as eng/viewer.sh prepared it: the page for each of OHIF's own routes, its configuration, and its files
/// below the name of their release, which never change and need not be asked for twice.
/// </summary>
internal static partial class ViewerEndpoints
{
    internal const string Missing = "The viewer is not installed: run eng/viewer.sh where the server is built (it needs Node 20 and npm), or set Vna:Viewer:Path to a folder that it made.";

    private static readonly string Narrow = ViewerAssets.Read("narrow.css");

    public static void AddViewer(this IServiceCollection services, ViewerOptions options)
    {
        services.AddSingleton(_ => new ViewerFiles(options));
        services.AddSingleton<OpenHandler>();
        // Everything else works without.
        services.AddStartNotice(static provider =>
        {
            if (provider.GetRequiredService<ViewerFiles>().WhyNot is { } why)
            {
                Log.NoViewer(provider.GetRequiredService<ILogger<ViewerFiles>>(), why);
            }
        });
    }

    public static void MapViewer(this IEndpointRouteBuilder routes)
    {
        var files = routes.ServiceProvider.GetRequiredService<ViewerFiles>();
        if (files.WhyNot is null)
        {
            // Everybody's, and the same for everybody, so that caches keep them.
            routes.MapRead($"/viewer/{files.Release}/{{**file}}", IResult (string file) => files.Find(file) is { } found ? new ViewerFileAnswer(files, found) : NoSuchFile())
                .WithMetadata(StoredBytes.Instance).ExcludeFromDescription().IsOpenToAll();
        }
        routes.MapRead("/viewer/open", (OpenHandler handler, HttpContext context) => handler.OpenAsync(context)).ExcludeFromDescription().IsPage(forGuests: true);
        routes.MapRead("/viewer/{**path}", Get).WithMetadata(StoredBytes.Instance).ExcludeFromDescription().IsPage(forGuests: true);
    }

    private static Problem NoSuchFile() => Problem.NotFound("There is no such file in the viewer.");

    private static IResult Get(HttpContext context, ViewerFiles files, BaseUrl baseUrl, string? path)
    {
        if (files.WhyNot is not null)
        {
            return Problem.NotFound(Missing);
        }
        var root = baseUrl.PathOf(context.Request);
        if (path is null && !context.Request.Path.Value!.EndsWith('/'))
        {
            return Results.Redirect($"{root}/viewer/{context.Request.QueryString}");
        }
        path ??= "";
        return path switch
        {
            "app-config.js" => Text(context, Config(Visitor.Of(context), root, files).ToScript(), "text/javascript; charset=utf-8"),
            "narrow.css" => Text(context, Narrow, "text/css; charset=utf-8"),
            // OHIF's own routes are words; what looks like a file is one of another release, and must not be answered with a page.
            _ when System.IO.Path.HasExtension(path) => NoSuchFile(),
            _ => Text(context, files.IndexAt($"{root}/viewer/"), "text/html; charset=utf-8"),
        };
    }

    private static ViewerConfig Config(Visitor visitor, string root, ViewerFiles files) =>
        new(root, files.Release, ShowStudyList: !visitor.IsGuest, MayWrite: visitor.Rights.HasFlag(Rights.Write) && !visitor.Reach.IsLimited);

    // What depends on the request is asked for each time.
    private static IResult Text(HttpContext context, string text, string contentType)
    {
        ViewerHeaders.Set(context.Response.Headers, decoder: false);
        context.Response.Headers.CacheControl = "private, no-cache";
        return Results.Bytes(Encoding.UTF8.GetBytes(text), contentType);
    }

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Information, "/viewer/ is not served. {Why}")]
        public static partial void NoViewer(ILogger logger, string why);
    }
}
