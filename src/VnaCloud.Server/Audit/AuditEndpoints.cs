using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Audit;

/// <summary>Who accessed what: for administrators, by patient, study, visitor and time, the newest first. That it was read is recorded too.</summary>
internal static class AuditEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 5_000;

    private static readonly OperationText Text = new("Who accessed what, the newest first. Reading it is recorded too.")
    {
        Parameters =
        [
            new("patient", "Patient ID.") { Example = "4711" },
            new("issuer", "Issuer of Patient ID."),
            new("study", "Study Instance UID."),
            new("who", "The visitor, as records name it."),
            new("from", "ISO 8601."),
            new("to", "ISO 8601."),
            new("limit", $"Records at most, 1 to {MaxLimit}. Default {DefaultLimit}.", JsonSchemaType.Integer) { Example = 10 },
            new("before", "`id` of the last record of the page before."),
        ],
        Answers = [new(200, "The records.", new BodyText(MediaTypeNames.Json, Example: "audit.json"))],
        Problems = [400, 503],
    };

    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit", (HttpContext context, ArchiveHost archive) => ReadAsync(context, archive)).Needs(Rights.Admin, "audit")
            .WithTags("Audit").WithSummary("Read the audit trail").Describes(Text).Produces<AuditAnswer>();

    private static async Task<IResult> ReadAsync(HttpContext context, ArchiveHost archive)
    {
        var query = context.Request.Query;
        if (!TryTime(query["from"], out var from) || !TryTime(query["to"], out var to))
        {
            return Problem.BadRequest("from and to are times such as 2026-11-30T08:00:00Z.");
        }
        var limit = DefaultLimit;
        if (query["limit"] is [{ } text] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is > 0 and <= MaxLimit))
        {
            return Problem.BadRequest($"limit is a number from 1 to {MaxLimit}.");
        }
        Ulid? before = null;
        if (query["before"] is [{ } last])
        {
            if (!Ulid.TryParse(last, out var id))
            {
                return Problem.BadRequest("before is the id of a record.");
            }
            before = id;
        }
        var records = await archive.Archive.Access.RecordsAsync(TenantId.Default, new AccessQuery
        {
            PatientId = query["patient"] is [{ } patient] ? patient : null,
            Issuer = query["issuer"] is [{ } issuer] ? issuer : null,
            StudyUid = query["study"] is [{ } study] ? study : null,
            Who = query["who"] is [{ } who] ? who : null,
            From = from,
            To = to,
            Before = before,
            Limit = limit,
        }, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new AuditAnswer([.. records.Select(Entry)]), AuditJson.Default.AuditAnswer);
    }

    private static AuditEntry Entry(AccessRecord record) => new(
        record.Id.ToString(), record.Id.Time, record.Action, record.Outcome, record.Who, record.Source, record.StudyUid, record.PatientId, record.Issuer, record.Detail);

    private static bool TryTime(Microsoft.Extensions.Primitives.StringValues values, out DateTimeOffset? time)
    {
        time = null;
        if (values is not [{ } text])
        {
            return values.Count == 0;
        }
        var isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read);
        time = read;
        return isTime;
    }
}

/// <summary>A page of records.</summary>
internal sealed record AuditAnswer(IReadOnlyList<AuditEntry> Records);

/// <summary>One access.</summary>
internal sealed record AuditEntry(
    string Id, DateTimeOffset Time, string Action, string Outcome, string Who, string Source, string StudyInstanceUid, string PatientId, string IssuerOfPatientId, string Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AuditAnswer))]
internal sealed partial class AuditJson : JsonSerializerContext;
