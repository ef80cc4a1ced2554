using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Commitment;

/// <summary>
/// Storage Commitment (PS3.18 section 13). Every request is answered at once, so that nothing of it is kept and any server can answer:
/// the result check of a transaction finds none, and the same transaction may be asked again.
/// </summary>
internal static class CommitmentEndpoints
{
    private static readonly OperationText Request = new("Answered at once: what is committed is visible, has the class that was named, and its bytes are in the store, undamaged. Up to 20,000 references, single or as study trees.")
    {
        Request = [new(MediaTypeNames.DicomJson, Schemas.DataSet, "commitment-request.json"), new(MediaTypeNames.DicomXml)],
        Answers = [new(200, "What is committed, and what is not with its Failure Reason.", new BodyText(MediaTypeNames.DicomJson, Schemas.DataSet, "commitment.json"), new BodyText(MediaTypeNames.DicomXml))],
        Problems = [400, 406, 413, 415, 503],
    };

    private static readonly OperationText Result = new("There is never one to wait for.") { Problems = [400, 404] };

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
            .WithSummary("Ask for commitment to instances (PS3.18 13.4)").Describes(Request);
        group.MapGet("", (string transaction) => CommitmentHandler.Check(transaction))
            .WithSummary("Result of a request (PS3.18 13.5): 404, since requests are answered at once").Describes(Result);
    }
}
