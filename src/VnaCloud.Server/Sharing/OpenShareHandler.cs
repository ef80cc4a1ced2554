using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Sharing;

/// <summary>Opens a link: checks token and passphrase and gives the browser its cookie.</summary>
internal sealed class OpenShareHandler(AuthOptions options, ArchiveHost archive, Guests guests, Sessions sessions, AccessTrail trail, BaseUrl baseUrl, TimeProvider time)
{
    private const int MaxBody = 4 * 1024;
    private const int RetryAfterSeconds = 15 * 60;

    /// <summary>Tries that one link's passphrase has within <see cref="Within"/>, whoever tries.</summary>
    private const int Tries = 5;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(RetryAfterSeconds);

    public async Task<IResult> OpenAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (archive.NotReady is { } reason)
        {
            return new Problem(StatusCodes.Status503ServiceUnavailable, reason) { RetryAfter = 30 };
        }
        var (request, problem) = await JsonBody.ReadAsync(context.Request, SharingJson.Default.OpenRequest, MaxBody);
        if (problem is not null)
        {
            return problem;
        }
        var link = options.IsOn && request!.Token is { Length: > 0 } token
            ? await archive.Archive.Access.FindShareAsync(TenantId.Default, ShareSecrets.HashOf(token), context.RequestAborted) : null;
        if (link is null || !link.IsOpenAt(time.GetUtcNow()))
        {
            // The same for what never was, is over, or was revoked.
            trail.Add(context, "open share", "not found", link is null ? "nobody" : $"share:{link.Id}", link?.StudyUid ?? "");
            return Problem.NotFound("This link opens nothing: it has expired, was revoked, or is not complete. Ask whoever sent it for a new one.");
        }
        if (link.Passphrase.Length > 0 && await RefuseAsync(context, link, request!.Passphrase ?? "") is { } refusal)
        {
            return refusal;
        }
        // Whoever is signed in sees it as a guest does, so that nothing is seen that the link does not show.
        sessions.End(context);
        guests.Begin(context, link);
        trail.Add(context, "open share", "allowed", $"share:{link.Id}", link.StudyUid);
        // All that the guest may see of the patient is listed beside it.
        return Results.Json(new OpenAnswer($"{baseUrl.PathOf(context.Request)}/viewer/open?StudyInstanceUIDs={link.StudyUid}", false, null), SharingJson.Default.OpenAnswer);
    }

    private async Task<IResult?> RefuseAsync(HttpContext context, ShareLink link, string passphrase)
    {
        if (passphrase.Length == 0)
        {
            return Results.Json(new OpenAnswer(null, true, null), SharingJson.Default.OpenAnswer, statusCode: StatusCodes.Status401Unauthorized);
        }
        var access = archive.Archive.Access;
        if (!await access.TryPassphraseAsync(TenantId.Default, link.Id, Tries, Within, time.GetUtcNow(), context.RequestAborted))
        {
            trail.Add(context, "open share", "refused", $"share:{link.Id}", link.StudyUid, "too many passphrases");
            return new Problem(StatusCodes.Status429TooManyRequests, "Too many wrong passphrases; wait a quarter of an hour.") { RetryAfter = RetryAfterSeconds };
        }
        // Far from the loop that serves others: it is slow on purpose.
        if (await Task.Run(() => ShareSecrets.IsRight(passphrase, link.Passphrase), CancellationToken.None))
        {
            await access.ForgiveAsync(TenantId.Default, link.Id, CancellationToken.None);
            return null;
        }
        trail.Add(context, "open share", "refused", $"share:{link.Id}", link.StudyUid, "wrong passphrase");
        return Results.Json(new OpenAnswer(null, true, "That is not the passphrase."), SharingJson.Default.OpenAnswer, statusCode: StatusCodes.Status401Unauthorized);
    }
}
