using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;

namespace VnaCloud.Server.Access;

/// <summary>Somebody who signed in at the pages, in a cookie. Any server can read it; none keeps anything.</summary>
internal sealed class Sessions(AuthOptions options, ApiKeys keys, IDataProtectionProvider protection, TimeProvider time)
{
    // Lax: the way back from the provider is a link of another site.
    private readonly ProtectedCookie<Session> _cookie = new("vna-session", SameSiteMode.Lax, CookieJson.Default.Session, protection);

    public void Begin(HttpContext context, Visitor visitor, ApiKey? key)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        _cookie.Write(context, new Session(visitor.Who, visitor.Name, visitor.Rights, visitor.Reach.PatientId, visitor.Reach.Issuer, key?.Hash, now, now));
    }

    public void End(HttpContext context) => _cookie.Delete(context);

    /// <summary>Who signed in; null when nobody did, or too long ago.</summary>
    public Visitor? Read(HttpContext context)
    {
        if (_cookie.Read(context.Request) is not { } session)
        {
            return null;
        }
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var idle = TimeSpan.FromMinutes(options.SessionIdleMinutes).TotalSeconds;
        if (now - session.Seen >= idle || now - session.Begun >= TimeSpan.FromHours(options.SessionHours).TotalSeconds)
        {
            return null;
        }
        if (now - session.Seen > idle / 4 && !context.Response.HasStarted)
        {
            _cookie.Write(context, session with { Seen = now });
        }
        if (session.Key is { } hash)
        {
            // A key that was taken away takes its sessions with it.
            return keys.FindHash(hash)?.Visitor;
        }
        return new Visitor(session.Who, session.Name, session.Rights)
        {
            Reach = session.Patient is { } patient ? Reach.OfPatient(patient, session.Issuer) : Reach.Everything,
        };
    }
}

/// <summary>What the session cookie holds; times in seconds.</summary>
internal sealed record Session(string Who, string Name, Rights Rights, string? Patient, string? Issuer, string? Key, long Begun, long Seen);

/// <summary>What the cookie of an opened share link holds.</summary>
internal sealed record GuestPass(string Share);

/// <summary>A sign-in on its way to the provider and back; time in seconds.</summary>
internal sealed record SignInState(string State, string Nonce, string Verifier, string Return, long Begun);

[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(GuestPass))]
[JsonSerializable(typeof(SignInState))]
internal sealed partial class CookieJson : JsonSerializerContext;
