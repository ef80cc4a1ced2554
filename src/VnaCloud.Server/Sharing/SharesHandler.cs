using System.Text.Json;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Sharing;

/// <summary>Makes, lists and revokes links.</summary>
internal sealed class SharesHandler(AuthOptions options, ArchiveHost archive, ReachableIndex index, Guests guests, BaseUrl baseUrl, TimeProvider time)
{
    private const int MaxBody = 16 * 1024;
    private const int MaxText = 500;
    private const int MinPassphrase = 6;
    private const int MaxListed = 1_000;
    private const double DefaultHours = 7 * 24;
    private const double MinHours = 0.01;

    public async Task<IResult> CreateAsync(HttpContext context)
    {
        var (request, problem) = await JsonBody.ReadAsync(context.Request, SharingJson.Default.ShareRequest, MaxBody);
        problem ??= request is null ? null : Check(request);
        if (problem is not null)
        {
            return problem;
        }
        var visitor = Visitor.Of(context);
        if (await index.FindStudyAsync(visitor, request!.Study!, context.RequestAborted) is not { } study)
        {
            return Problem.NotFound("There is no such study.");
        }
        Visit.Concerns(context, [study.StudyUid]);
        if (request.WholePatient && study.Attributes.PatientId.Length == 0)
        {
            return Problem.BadRequest("The study names no patient (Patient ID is empty), so that only the study itself can be shared.");
        }
        var token = ShareSecrets.NewToken();
        var link = new ShareLink
        {
            Id = Ulid.New(time),
            Token = ShareSecrets.HashOf(token),
            StudyUid = study.StudyUid,
            IsWholePatient = request.WholePatient,
            PatientId = study.Attributes.PatientId,
            Issuer = study.Attributes.IssuerOfPatientId,
            CreatedBy = visitor.Who,
            ExpiresAt = time.GetUtcNow().AddHours(request.Hours ?? Math.Min(DefaultHours, MaxHours)),
            MayDownload = request.Download,
            Note = request.Note?.Trim() ?? "",
            Passphrase = request.Passphrase is { Length: > 0 } passphrase ? ShareSecrets.Keep(passphrase) : "",
        };
        await archive.Archive.Access.AddShareAsync(TenantId.Default, link, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(Answer(link, $"{baseUrl.Of(context.Request)}/shared/#{token}"), SharingJson.Default.ShareAnswer, statusCode: StatusCodes.Status201Created);
    }

    public async Task<IResult> ListAsync(HttpContext context)
    {
        var visitor = Visitor.Of(context);
        var study = context.Request.Query["study"].ToString();
        if (study.Length > 0 && !DicomUid.IsValid(study))
        {
            return Problem.BadRequest("study is not a UID.");
        }
        var links = await archive.Archive.Access.SharesAsync(
            TenantId.Default, study.Length > 0 ? study : null, visitor.Rights.HasFlag(Rights.Admin) ? null : visitor.Who, MaxListed, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json([.. links.Select(link => Answer(link, null))], SharingJson.Default.ShareAnswerArray);
    }

    public async Task<IResult> RevokeAsync(HttpContext context, string share)
    {
        var visitor = Visitor.Of(context);
        if (!Ulid.TryParse(share, out var id) || await archive.Archive.Access.FindShareAsync(TenantId.Default, id, context.RequestAborted) is not { } link
            || (link.CreatedBy != visitor.Who && !visitor.Rights.HasFlag(Rights.Admin)))
        {
            return Problem.NotFound("There is no such share link of yours.");
        }
        Visit.Concerns(context, [link.StudyUid]);
        await archive.Archive.Access.RevokeShareAsync(TenantId.Default, id, time.GetUtcNow(), visitor.Who, context.RequestAborted);
        guests.Forget(id);
        return Results.NoContent();
    }

    private double MaxHours => options.ShareMaxDays * 24.0;

    private Problem? Check(ShareRequest request) =>
        !options.IsOn ? new Problem(StatusCodes.Status409Conflict, "Everybody who reaches this server may see everything, so that a link would protect nothing: set Vna:Auth:Mode to ApiKey or Oidc first.")
        : request.Study is not { Length: > 0 } study || !DicomUid.IsValid(study) ? Problem.BadRequest("study must be a Study Instance UID.")
        : request.Hours is { } hours && !(hours >= MinHours && hours <= MaxHours) ? Problem.BadRequest($"hours must be a number up to {MaxHours} (Vna:Auth:ShareMaxDays).")
        : request.Passphrase is { Length: > 0 and < MinPassphrase } ? Problem.BadRequest($"passphrase must have {MinPassphrase} characters or more, or be left out.")
        : request.Passphrase?.Length > MaxText || request.Note?.Length > MaxText ? Problem.BadRequest($"passphrase and note may have {MaxText} characters.")
        : null;

    private ShareAnswer Answer(ShareLink link, string? url) => new(
        link.Id.ToString(), url, link.StudyUid, link.IsWholePatient, link.PatientId, link.CreatedBy, link.Id.Time, link.ExpiresAt, link.Passphrase.Length > 0, link.MayDownload, link.Note,
        link.RevokedAt is not null ? "revoked" : link.IsOpenAt(time.GetUtcNow()) ? "open" : "expired", link.RevokedAt, link.RevokedBy);
}
