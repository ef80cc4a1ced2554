using System.Text.Json.Serialization;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Sharing;

/// <summary>
/// Share links: one study, or all of a patient, for somebody without an account. The token stands behind the '#' of the link, which browsers
/// send to nobody; a page hands it over and gets a cookie for it.
/// </summary>
internal static class SharingEndpoints
{
    public static void AddSharing(this IServiceCollection services)
    {
        services.AddSingleton<SharesHandler>();
        services.AddSingleton<OpenShareHandler>();
    }

    public static void MapSharing(this IEndpointRouteBuilder routes)
    {
        var shares = routes.MapGroup("/shares").WithTags("Share links").Needs(Rights.Share, "share");
        shares.MapPost("", (HttpContext context, SharesHandler handler) => handler.CreateAsync(context))
            .WithSummary("Share a study, or all studies of its patient").Describes(SharingDescription.Create)
            .Accepts<ShareRequest>(MediaTypeNames.Json).Produces<ShareAnswer>(StatusCodes.Status201Created);
        shares.MapGet("", (HttpContext context, SharesHandler handler) => handler.ListAsync(context))
            .WithSummary("List share links").Describes(SharingDescription.List).Produces<ShareAnswer[]>();
        shares.MapDelete("/{share}", (HttpContext context, SharesHandler handler, string share) => handler.RevokeAsync(context, share))
            .WithSummary("Revoke a share link").Describes(SharingDescription.Revoke);

        // With its slash, so that what the page asks for lies beside it.
        routes.MapRead("/shared", (HttpContext context, BaseUrl baseUrl) => context.Request.Path.Value!.EndsWith('/')
            ? DoorFiles.Answer(context, "shared.html") : Results.Redirect($"{baseUrl.PathOf(context.Request)}/shared/")).IsOpenToAll().ExcludeFromDescription();
        routes.MapRead("/shared/{file}", (HttpContext context, string file) => DoorFiles.Answer(context, file)).IsOpenToAll().ExcludeFromDescription();
        routes.MapPost("/shared/open", (HttpContext context, OpenShareHandler handler) => handler.OpenAsync(context))
            .IsOpenToAll().RequireRateLimiting(AccessSetup.Guesses).ExcludeFromDescription();
    }
}

/// <summary>A link to be made.</summary>
/// <param name="Study">Study Instance UID.</param>
/// <param name="WholePatient">All studies of its patient, those that come later too.</param>
/// <param name="Hours">How long it opens.</param>
/// <param name="Passphrase">To be asked for; none when absent.</param>
/// <param name="Download">Whether instances may be taken away.</param>
/// <param name="Note">For those who manage links.</param>
internal sealed record ShareRequest(string? Study, bool WholePatient, double? Hours, string? Passphrase, bool Download, string? Note);

/// <summary>A link.</summary>
/// <param name="Url">Only in the answer that made it: nobody can read it again.</param>
/// <param name="State">"open", "expired" or "revoked".</param>
internal sealed record ShareAnswer(
    string Id, string? Url, string Study, bool WholePatient, string PatientId, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, bool Passphrase, bool Download,
    string Note, string State, DateTimeOffset? RevokedAt, string RevokedBy);

/// <summary>What the page of a link sends.</summary>
internal sealed record OpenRequest(string? Token, string? Passphrase);

/// <summary>Where the page goes on; or that a passphrase is asked for.</summary>
internal sealed record OpenAnswer(string? Viewer, bool NeedsPassphrase, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ShareRequest))]
[JsonSerializable(typeof(ShareAnswer))]
[JsonSerializable(typeof(ShareAnswer[]))]
[JsonSerializable(typeof(OpenRequest))]
[JsonSerializable(typeof(OpenAnswer))]
internal sealed partial class SharingJson : JsonSerializerContext;
