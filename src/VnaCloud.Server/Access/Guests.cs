using Microsoft.AspNetCore.DataProtection;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Access;

/// <summary>Those who opened a share link, in a cookie that names it. Whether it is still open is asked of the index.</summary>
internal sealed class Guests(ArchiveHost archive, IDataProtectionProvider protection, TimeProvider time)
{
    // On another server a link that was revoked works no longer than this.
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(2);

    private readonly ProtectedCookie<GuestPass> _cookie = new("vna-share", SameSiteMode.Strict, CookieJson.Default.GuestPass, protection);
    private readonly RecentAnswers<Ulid, ShareLink?> _links = new(Known, 10_000, time);

    public void Begin(HttpContext context, ShareLink link) => _cookie.Write(context, new GuestPass(link.Id.ToString()));

    public void End(HttpContext context) => _cookie.Delete(context);

    /// <summary>The link was revoked here.</summary>
    public void Forget(Ulid link) => _links.Forget(link);

    /// <summary>The guest; null when there is none, or the link is open no more.</summary>
    public async Task<Visitor?> ReadAsync(HttpContext context)
    {
        if (_cookie.Read(context.Request) is not { } pass || !Ulid.TryParse(pass.Share, out var id))
        {
            return null;
        }
        var link = await _links.GetAsync(id, () => archive.Archive.Access.FindShareAsync(TenantId.Default, id, context.RequestAborted));
        return link is not null && link.IsOpenAt(time.GetUtcNow()) ? Of(link) : null;
    }

    /// <summary>What a link lets somebody do.</summary>
    private static Visitor Of(ShareLink link) => new($"share:{link.Id}", "", Rights.Read)
    {
        Reach = link.IsWholePatient ? Reach.OfPatient(link.PatientId, link.Issuer) : Reach.OfStudy(link.StudyUid),
        MayDownload = link.MayDownload,
        IsGuest = true,
    };
}
