using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Commitment;

/// <summary>
/// Storage Commitment (PS3.18 section 13). Every request is answered at once, so that nothing of it is kept and any server can answer:
/// the result check of a transaction finds none, and the same transaction may be asked again.
/// </summary>
internal static class CommitmentEndpoints
{
    public static void AddCommitment(this IServiceCollection services)
    {
        services.AddSingleton(provider => new Custody(
            provider.GetRequiredService<IArchiveIndex>(), provider.GetRequiredService<ArchiveHost>().Upkeep.Upkeep, provider.GetRequiredService<IObjectStore>()));
        services.AddSingleton<CommitmentHandler>();
    }

    public static void MapCommitment(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/dicom-web/commitment-requests/{transaction}").WithTags("Storage Commitment").Needs(Rights.Write, "commitment");
        group.MapPost("", (HttpContext context, CommitmentHandler handler, string transaction) => handler.RequestAsync(context, transaction))
            .WithSummary("Ask for commitment to instances (PS3.18 13.4)");
        group.MapGet("", (string transaction) => CommitmentHandler.Check(transaction))
            .WithSummary("Result of a request (PS3.18 13.5): 404, since requests are answered at once");
    }
}
