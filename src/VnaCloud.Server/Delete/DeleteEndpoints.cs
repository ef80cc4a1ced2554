using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;

namespace VnaCloud.Server.Delete;

/// <summary>Deletes studies, series and instances (checklist dicomweb 170). Answered when the journal has it, so that no reindex brings it back.</summary>
internal static class DeleteEndpoints
{
    private static readonly OperationText Text = new("Answered when the decision is in the journal. What was deleted can be restored for a while (`vna undelete`), or stored again.")
    {
        Answers = [new(204, "It is gone.")],
        Problems = [400, 404, 503],
    };

    public static void AddDelete(this IServiceCollection services) => services.AddSingleton<DeleteHandler>();

    public static void MapDelete(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/dicom-web/studies/{study}").WithTags("Delete").Needs(Rights.Delete, "delete");
        group.MapDelete("", (DeleteHandler handler, string study, CancellationToken cancellation) =>
            handler.DeleteAsync(study, null, null, cancellation)).WithSummary("Delete a study").Describes(Text);
        group.MapDelete("/series/{series}", (DeleteHandler handler, string study, string series, CancellationToken cancellation) =>
            handler.DeleteAsync(study, series, null, cancellation)).WithSummary("Delete a series").Describes(Text);
        group.MapDelete("/series/{series}/instances/{instance}", (DeleteHandler handler, string study, string series, string instance, CancellationToken cancellation) =>
            handler.DeleteAsync(study, series, instance, cancellation)).WithSummary("Delete an instance").Describes(Text);
    }
}

internal sealed partial class DeleteHandler(IArchiveIndex index, JournalWriter journal, ILogger<DeleteHandler> logger)
{
    public async Task<IResult> DeleteAsync(string study, string? series, string? instance, CancellationToken cancellation)
    {
        if (!DicomUid.IsValid(study) || (series is not null && !DicomUid.IsValid(series)) || (instance is not null && !DicomUid.IsTolerated(instance)))
        {
            return Problem.BadRequest("The URL holds something that is not a UID.");
        }
        var count = await index.DecideAsync(new DecisionRequest(TenantId.Default, DecisionKind.Delete, study, series, instance), cancellation);
        if (count == 0)
        {
            return Problem.NotFound("There is nothing to delete.");
        }
        // The client may go; the decision is made and its journal object is owed.
        await journal.FlushAsync(TenantId.Default, CancellationToken.None);
        Log.Deleted(logger, count);
        return Results.NoContent();
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "Deleted {Count} instances")]
        public static partial void Deleted(ILogger logger, int count);
    }
}
