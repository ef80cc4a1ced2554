using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;

namespace VnaCloud.Server.Qido;

/// <summary>QIDO-RS: the six search resources (PS3.18 10.6). Needs <see cref="IArchiveIndex"/> and <see cref="StoredMetadataReader"/>.</summary>
internal static class QidoEndpoints
{
    public static void AddQido(this IServiceCollection services) => services.AddSingleton<QidoHandler>();

    public static void MapQido(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/dicom-web").WithTags("QIDO-RS").NeedsWithinReach(Rights.Read, "search");

        group.MapRead("/studies", (HttpRequest http, QidoHandler handler, CancellationToken cancellation) =>
            handler.SearchAsync(http, new(QueryLevel.Study), cancellation)).WithSummary("Search for studies").Describes(QidoDescription.Of(QueryLevel.Study, "studies.json"));
        group.MapRead("/series", (HttpRequest http, QidoHandler handler, CancellationToken cancellation) =>
            handler.SearchAsync(http, new(QueryLevel.Series), cancellation)).WithSummary("Search for series").Describes(QidoDescription.Of(QueryLevel.Series, "series.json"));
        group.MapRead("/instances", (HttpRequest http, QidoHandler handler, CancellationToken cancellation) =>
            handler.SearchAsync(http, new(QueryLevel.Instance), cancellation)).WithSummary("Search for instances").Describes(QidoDescription.Of(QueryLevel.Instance, "instances.json"));
        group.MapRead("/studies/{study}/series", (HttpRequest http, QidoHandler handler, string study, CancellationToken cancellation) =>
            handler.SearchAsync(http, new(QueryLevel.Series, study), cancellation)).WithSummary("Search for a study's series").Describes(QidoDescription.Of(QueryLevel.Series, "study-series.json"));
        group.MapRead("/studies/{study}/instances", (HttpRequest http, QidoHandler handler, string study, CancellationToken cancellation) =>
            handler.SearchAsync(http, new(QueryLevel.Instance, study), cancellation)).WithSummary("Search for a study's instances").Describes(QidoDescription.Of(QueryLevel.Instance, "study-instances.json"));
        group.MapRead("/studies/{study}/series/{series}/instances",
            (HttpRequest http, QidoHandler handler, string study, string series, CancellationToken cancellation) =>
            handler.SearchAsync(http, new(QueryLevel.Instance, study, series), cancellation)).WithSummary("Search for a series' instances").Describes(QidoDescription.Of(QueryLevel.Instance, "series-instances.json"));
    }
}
