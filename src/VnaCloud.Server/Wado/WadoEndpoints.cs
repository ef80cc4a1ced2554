using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Wado.Pixels;
using VnaCloud.Server.Wado.Rendered;

namespace VnaCloud.Server.Wado;

/// <summary>WADO-RS (PS3.18 10.4): instances, metadata, frames, pixel data and bulk data as they are stored or asked for, and pictures of them.</summary>
internal static class WadoEndpoints
{
    public static void AddWado(this IServiceCollection services)
    {
        services.AddSingleton<WadoTarget.Reader>();
        services.AddSingleton<BoundaryMaker>();
        services.AddSingleton<UndecodableInstances>();
        services.AddSingleton<Transcoder>();
        services.AddSingleton<Painter>();
        services.AddSingleton<ThumbnailHandler>();
        services.AddSingleton<RenderedHandler>();
        services.AddSingleton<InstancesHandler>();
        services.AddSingleton<WadoUriHandler>();
        services.AddSingleton<MetadataHandler>();
        services.AddSingleton<FramesHandler>();
        services.AddSingleton<BulkDataHandler>();
    }

    public static void MapWado(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/dicom-web/studies/{study}").WithTags("WADO-RS").WithMetadata(StoredBytes.Instance).NeedsWithinReach(Rights.Read, "read");
        const string instance = "/series/{series}/instances/{instance}";
        foreach (var (path, what) in new[] { ("", "a study"), ("/series/{series}", "a series"), (instance, "an instance") })
        {
            group.MapRead(path, (HttpContext context, InstancesHandler handler) => handler.GetAsync(context))
                .WithSummary(path == instance ? "Retrieve an instance" : $"Retrieve the instances of {what}").Describes(WadoDescription.Instances(ofOne: path == instance));
            group.MapRead($"{path}/metadata", (HttpContext context, MetadataHandler handler) => handler.GetAsync(context))
                .WithSummary($"Retrieve the metadata of {what}").Describes(WadoDescription.Metadata);
            group.MapRead($"{path}/rendered", (HttpContext context, RenderedHandler handler) => handler.GetAsync(context))
                .WithSummary($"Retrieve pictures of {what}").Describes(WadoDescription.Rendered);
            group.MapRead($"{path}/thumbnail", (HttpContext context, ThumbnailHandler handler) => handler.GetAsync(context, null))
                .WithSummary($"Retrieve a thumbnail of {what}").Describes(WadoDescription.Thumbnail);
        }
        group.MapRead($"{instance}/frames/{{frames}}", (HttpContext context, FramesHandler handler, string frames) => handler.GetAsync(context, frames))
            .WithSummary("Retrieve frames").Describes(WadoDescription.Frames);
        group.MapRead($"{instance}/frames/{{frames}}/rendered", (HttpContext context, RenderedHandler handler, string frames) => handler.GetAsync(context, frames))
            .WithSummary("Retrieve rendered frames").Describes(WadoDescription.Rendered);
        group.MapRead($"{instance}/frames/{{frame}}/thumbnail", (HttpContext context, ThumbnailHandler handler, string frame) => handler.GetAsync(context, frame))
            .WithSummary("Retrieve a thumbnail of a frame").Describes(WadoDescription.Thumbnail);
        group.MapRead($"{instance}/pixeldata", (HttpContext context, FramesHandler handler) => handler.GetAllAsync(context))
            .WithSummary("Retrieve all frames").Describes(WadoDescription.PixelData);
        group.MapRead($"{instance}/bulkdata/{{**path}}", (HttpContext context, BulkDataHandler handler, string path) => handler.GetAsync(context, path))
            .WithSummary("Retrieve one bulk value").Describes(WadoDescription.BulkData);
        routes.MapRead("/dicom-web/wado", (HttpContext context, WadoUriHandler handler) => handler.GetAsync(context))
            .WithTags("WADO-URI").WithMetadata(StoredBytes.Instance).NeedsWithinReach(Rights.Read, "read").WithSummary("Retrieve an instance by a query").Describes(WadoDescription.Uri);
    }
}
