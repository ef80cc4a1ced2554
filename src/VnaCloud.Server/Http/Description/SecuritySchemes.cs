using Microsoft.OpenApi;

namespace VnaCloud.Server.Http.Description;

/// <summary>How a request says whose it is (docs/access.md).</summary>
internal static class SecuritySchemes
{
    public const string Bearer = "bearer";
    public const string Session = "session";
    public const string Share = "share";

    public static void AddTo(OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSecurityScheme>(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "With `Vna:Auth:Mode=Oidc` an access token (JWT) of the OpenID provider, whose scopes are the rights named here or those of SMART; with `ApiKey` a key of the configuration, sent the same way. Servers with `None`, or on loopback without a mode, ask for nothing.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(Session, Cookie("vna-session", "Who has signed in at the pages (`/access/sign-in`)."));
        document.AddComponent<IOpenApiSecurityScheme>(Share, Cookie("vna-share", "Who has opened a share link, and sees what it is for and nothing else."));
    }

    private static OpenApiSecurityScheme Cookie(string name, string description) => new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = name, Description = description };
}
