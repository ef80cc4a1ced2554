using VnaCloud.Server.Access;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow;

/// <summary>STOW-RS (PS3.18 10.5): instances as PS3.10 files, streamed part by part, or as metadata and bulk data.</summary>
internal static class StowEndpoints
{
    public static void AddStow(this IServiceCollection services)
    {
        services.AddSingleton<StowAdmission>();
        services.AddSingleton<MetadataBudget>();
        services.AddSingleton<MetadataStow>();
        services.AddSingleton<StowHandler>();
    }

    public static void MapStow(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/dicom-web").WithTags("STOW-RS").Needs(Rights.Write, "store");
        group.MapPost("/studies", (HttpContext context, StowHandler handler) => handler.StoreAsync(context, null))
            .WithSummary("Store instances").Describes(StowDescription.Text);
        group.MapPost("/studies/{study}", (HttpContext context, StowHandler handler, string study) => handler.StoreAsync(context, study))
            .WithSummary("Store instances of one study").Describes(StowDescription.Text);
    }
}
