using System.Text.Json.Serialization;
using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Changes;

/// <summary>The change feed: what was stored, restored and deleted, in the order of commits, without gaps. A call may wait for what comes next.</summary>
internal static class ChangesEndpoints
{
    public static void AddChanges(this IServiceCollection services) => services.AddSingleton<ChangesHandler>();

    public static void MapChanges(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/changes", (ChangesHandler handler, HttpContext context) => handler.GetAsync(context))
            .WithTags("Changes").Needs(Rights.Read, "changes").WithSummary("Changes after a cursor (after), at most limit of them; waits up to timeout seconds for the first")
            .Produces<ChangesAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status410Gone);
}

/// <summary>A page of the feed.</summary>
/// <param name="Changes">In the order of commits.</param>
/// <param name="Next">Cursor of the next page.</param>
internal sealed record ChangesAnswer(IReadOnlyList<ChangeEntry> Changes, string Next);

/// <summary>One change of one instance.</summary>
internal sealed record ChangeEntry(long Sequence, string Action, string StudyInstanceUid, string SeriesInstanceUid, string SopInstanceUid, DateTimeOffset Time, long Version);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChangesAnswer))]
internal sealed partial class ChangesJson : JsonSerializerContext;
