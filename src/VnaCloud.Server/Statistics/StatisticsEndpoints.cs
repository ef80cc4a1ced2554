using System.Text.Json.Serialization;
using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Statistics;

/// <summary>How much the archive has: in all, by day of arrival, by modality. What the page plots.</summary>
internal static partial class StatisticsEndpoints
{
    private const int DefaultDays = 30;
    private const int RetryAfterSeconds = 60;

    private static readonly OperationText Text = new("Studies, series, instances and bytes: in all, for each of the last days (UTC), for each modality. A study counts as a whole, on the day its first instance arrived. Counted at most once a minute.")
    {
        Parameters = [new("days", $"1 to {RecentStatistics.MaxDays}. Default {DefaultDays}.", Microsoft.OpenApi.JsonSchemaType.Integer) { Example = 2 }],
        Answers = [new(200, "The sums.", new BodyText(MediaTypeNames.Json, Example: "statistics.json"))],
        Problems = [400, 503],
    };

    public static void AddStatistics(this IServiceCollection services) => services.AddSingleton<RecentStatistics>();

    public static void MapStatistics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/statistics", GetAsync)
            .Needs(Rights.Read, "statistics").WithTags("Statistics").WithSummary("Count what is stored").Describes(Text).Produces<StatisticsAnswer>();

    private static async Task<IResult> GetAsync(HttpContext context, RecentStatistics recent, ILogger<RecentStatistics> logger)
    {
        if (QueryNumber.Read(context.Request, "days", DefaultDays, 1, RecentStatistics.MaxDays) is not { } days)
        {
            return Problem.BadRequest($"days is a number from 1; at most {RecentStatistics.MaxDays} are given.");
        }
        try
        {
            var (statistics, at) = await recent.GetAsync(context.RequestAborted);
            context.Response.Headers.CacheControl = "no-store";
            return Results.Json(StatisticsAnswer.Of(statistics, at, days), StatisticsJson.Default.StatisticsAnswer);
        }
        catch (SearchTooSlowException tooSlow)
        {
            Log.TooSlow(logger, tooSlow.Limit.TotalSeconds);
            return new Problem(StatusCodes.Status503ServiceUnavailable, "The archive is too busy to count its studies. Ask again later.") { RetryAfter = RetryAfterSeconds };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1901, LogLevel.Warning, "Statistics took longer than {Seconds} s")]
        public static partial void TooSlow(ILogger logger, double seconds);
    }
}

/// <summary>The answer.</summary>
/// <param name="At">When it was counted; at most a minute ago.</param>
/// <param name="Totals">Everything.</param>
/// <param name="Days">Each of the days asked for, the last one today; a study counts as a whole on the day its first instance arrived.</param>
/// <param name="Modalities">Most bytes first. A study of several counts for each of them.</param>
internal sealed record StatisticsAnswer(DateTimeOffset At, SumsAnswer Totals, IReadOnlyList<DayAnswer> Days, IReadOnlyList<ModalityAnswer> Modalities)
{
    public static StatisticsAnswer Of(ArchiveStatistics statistics, DateTimeOffset at, int days)
    {
        var today = DateOnly.FromDateTime(at.UtcDateTime);
        var known = statistics.Days.ToDictionary();
        return new StatisticsAnswer(
            at,
            SumsAnswer.Of(statistics.Total),
            [.. Enumerable.Range(0, days).Select(i => today.AddDays(i + 1 - days)).Select(day => DayAnswer.Of(day, known.GetValueOrDefault(day)))],
            [.. statistics.Modalities.Select(static modality => ModalityAnswer.Of(modality.Key, modality.Value))]);
    }
}

internal sealed record SumsAnswer(long Studies, long Series, long Instances, long Bytes)
{
    public static SumsAnswer Of(in StudySums sums) => new(sums.Studies, sums.Series, sums.Instances, sums.Bytes);
}

internal sealed record DayAnswer(DateOnly Day, long Studies, long Instances, long Bytes)
{
    public static DayAnswer Of(DateOnly day, in StudySums sums) => new(day, sums.Studies, sums.Instances, sums.Bytes);
}

internal sealed record ModalityAnswer(string Modality, long Studies, long Instances, long Bytes)
{
    public static ModalityAnswer Of(string modality, in StudySums sums) => new(modality, sums.Studies, sums.Instances, sums.Bytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatisticsAnswer))]
internal sealed partial class StatisticsJson : JsonSerializerContext;
