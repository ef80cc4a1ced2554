using System.ComponentModel.DataAnnotations;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Access;

/// <summary><c>Vna:Auth</c>: who may come in.</summary>
internal sealed class AuthOptions
{
    /// <summary>Unset is None, on loopback only.</summary>
    public AuthMode Mode { get; init; } = AuthMode.Unset;

    /// <summary>With ApiKey: "NAME RIGHTS SHA256", such as <c>gateway read,write 9f86...</c>; <c>vna key NAME RIGHTS</c> makes one. Default none.</summary>
    public string[] Keys { get; init; } = [];

    public OidcOptions Oidc { get; init; } = new();

    /// <summary>Minutes without a request after which somebody who signed in has to do so again. Default 60.</summary>
    [Range(1, 24 * 60)]
    public int SessionIdleMinutes { get; init; } = 60;

    /// <summary>Hours after which they have to in any case. Default 12.</summary>
    [Range(1, 24 * 7)]
    public int SessionHours { get; init; } = 12;

    /// <summary>Days that a share link may be open at most. Default 90.</summary>
    [Range(1, 3650)]
    public int ShareMaxDays { get; init; } = 90;

    /// <summary>Tries that one address has in a minute to open share links or to sign in with a key. Default 30.</summary>
    [Range(1, 100_000)]
    public int TriesPerMinute { get; init; } = 30;

    /// <summary>Whether anybody has to sign in.</summary>
    public bool IsOn => Mode is AuthMode.ApiKey or AuthMode.Oidc;

    /// <summary>What must not be so, one sentence each.</summary>
    public IEnumerable<string> Problems() => Mode switch
    {
        AuthMode.ApiKey when Keys.Length == 0 => ["Vna:Auth:Mode=ApiKey needs a key: make one with 'vna key NAME RIGHTS' and set Vna:Auth:Keys:0 to what it prints."],
        AuthMode.ApiKey => Keys.SelectMany(static (text, i) => ApiKey.Parse(text) is null
            ? new[] { $"Vna:Auth:Keys:{i} must be NAME RIGHTS SHA256, such as 'gateway read,write' and the 64 digits that 'vna key' prints; rights are read, write, delete, share, admin." } : [])
            .Concat(Keys.Select(ApiKey.Parse).OfType<ApiKey>().GroupBy(static key => key.Name).Where(static group => group.Count() > 1)
                .Select(static group => $"Vna:Auth:Keys has two keys of the name {group.Key}; give each its own.")),
        AuthMode.Oidc => Oidc.Problems(),
        _ => [],
    };
}

/// <summary><c>Vna:Auth:Oidc</c>: the provider, and how its tokens are read.</summary>
internal sealed class OidcOptions
{
    /// <summary>Issuer, whose <c>/.well-known/openid-configuration</c> says the rest. https, or http on loopback.</summary>
    public string? Authority { get; init; }

    /// <summary>Audience that access tokens must have.</summary>
    public string? Audience { get; init; }

    /// <summary>Client that people sign in with at this server's pages; without it there are only bearer tokens.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret, for a confidential client.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Scopes asked for when people sign in. Default <c>openid profile read write delete share admin</c>.</summary>
    public string Scopes { get; init; } = "openid profile read write delete share admin";

    /// <summary>"ROLE=RIGHTS", such as <c>radiologist=read,write,share</c>. When set, a token has only those of its scopes that one of its roles has. Default none.</summary>
    public string[] Roles { get; init; } = [];

    /// <summary>Claim that holds the roles; a dot goes into an object (<c>realm_access.roles</c>). Default roles.</summary>
    public string RolesClaim { get; init; } = "roles";

    /// <summary>Claim that holds the Patient ID of a token with a patient/ scope (SMART). Default patient.</summary>
    public string PatientClaim { get; init; } = "patient";

    /// <summary>Seconds by which clocks may differ. Default 60.</summary>
    [Range(0, 600)]
    public int ClockSkewSeconds { get; init; } = 60;

    public IEnumerable<string> Problems()
    {
        if (Authority is null || OptionRules.HttpUrl(Authority) is not { } url)
        {
            yield return "Vna:Auth:Mode=Oidc needs Vna:Auth:Oidc:Authority, the provider's issuer URL, such as https://login.example/realms/hospital.";
        }
        else if (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback)
        {
            yield return "Vna:Auth:Oidc:Authority must be https: whoever is between here and the provider could sign tokens of his own.";
        }
        if (string.IsNullOrWhiteSpace(Audience))
        {
            yield return "Vna:Auth:Mode=Oidc needs Vna:Auth:Oidc:Audience: tokens that were made for other services must not open this one.";
        }
        foreach (var (role, i) in Roles.Select(static (role, i) => (role, i)))
        {
            if (role.Split('=') is not [{ Length: > 0 }, var rights] || RightNames.Parse(rights) is null)
            {
                yield return $"Vna:Auth:Oidc:Roles:{i} must be ROLE=RIGHTS, such as radiologist=read,write; rights are read, write, delete, share, admin.";
            }
        }
    }
}

internal enum AuthMode
{
    Unset,
    None,
    ApiKey,
    Oidc,
}
