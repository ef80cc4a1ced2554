using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Changes;

/// <summary>The change feed: what was stored, restored and deleted, in the order of commits, without gaps. A call may wait for what comes next.</summary>
internal static class ChangesEndpoints
{
    private static readonly OperationText Text = new("What was stored, changed and deleted, an entry an instance, in the order of commits, without gaps. Clients keep `next` and come back with it.")
    {
        Parameters =
        [
            new("after", "The `next` of an earlier answer. Without it from the begin."),
            new("limit", "Changes at most, 1 to 5,000. Default 100.", JsonSchemaType.Integer) { Example = 100 },
            new("timeout", "Seconds to wait for the first change, 60 at most. Default 0.", JsonSchemaType.Integer) { Example = 0 },
        ],
        Answers = [new(200, "The changes; none when there are none yet.", new BodyText(MediaTypeNames.Json, Example: "changes.json"))],
        Problems = [400, 410, 503],
    };

    public static void AddChanges(this IServiceCollection services) => services.AddSingleton<ChangesHandler>();

    public static void MapChanges(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/changes", (ChangesHandler handler, HttpContext context) => handler.GetAsync(context))
            .WithTags("Changes").Needs(Rights.Read, "changes").WithSummary("Read the change feed").Describes(Text).Produces<ChangesAnswer>();
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
