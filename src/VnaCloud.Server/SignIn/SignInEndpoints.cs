using System.Text.Json.Serialization;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.SignIn;

/// <summary>How people sign in at the pages: at the OpenID provider (authorization code with PKCE), or with a key. Afterwards a cookie says who they are.</summary>
internal static class SignInEndpoints
{
    public static void AddSignIn(this IServiceCollection services, AuthOptions options)
    {
        services.AddSingleton<KeySignIn>();
        if (options.Mode == AuthMode.Oidc)
        {
            services.AddSingleton<OidcSignIn>();
        }
    }

    public static void MapSignIn(this IEndpointRouteBuilder routes, AuthOptions options)
    {
        var group = routes.MapGroup("/access").WithTags("Sign-in").IsOpenToAll().ExcludeFromDescription();
        group.MapRead("/me", async (HttpContext context, Visitors visitors) => await WhoAsync(context, visitors, options));
        group.MapPost("/sign-out", (HttpContext context, Sessions sessions, Guests guests, BaseUrl baseUrl) => SignOut(context, sessions, guests, baseUrl));
        switch (options.Mode)
        {
            case AuthMode.Oidc:
                group.MapGet("/sign-in", (HttpContext context, OidcSignIn signIn) => signIn.BeginAsync(context));
                group.MapGet("/callback", (HttpContext context, OidcSignIn signIn) => signIn.EndAsync(context));
                break;
            case AuthMode.ApiKey:
                group.MapGet("/sign-in", (HttpContext context) => KeySignIn.Page(context));
                group.MapGet("/sign-in/{file}", (HttpContext context, string file) => DoorFiles.Answer(context, file));
                group.MapPost("/sign-in", (HttpContext context, KeySignIn signIn) => signIn.SignInAsync(context)).RequireRateLimiting(AccessSetup.Guesses);
                break;
            default:
                group.MapGet("/sign-in", (HttpContext context, BaseUrl baseUrl) => Results.Redirect($"{baseUrl.PathOf(context.Request)}/"));
                break;
        }
    }

    // Pages ask this to show who is there and what may be done; without anybody it is 401, and they go to sign in.
    private static async Task<IResult> WhoAsync(HttpContext context, Visitors visitors, AuthOptions options)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (visitor, why) = await visitors.ReadAsync(context);
        return visitor is null
            ? new Problem(StatusCodes.Status401Unauthorized, why.Length == 0 ? "Nobody has signed in." : why)
            : Results.Json(new VisitorAnswer(visitor.Name, visitor.Rights.Names(), visitor.IsGuest, visitor.Reach.IsLimited, visitor.MayDownload, options.IsOn), SignInJson.Default.VisitorAnswer);
    }

    private static IResult SignOut(HttpContext context, Sessions sessions, Guests guests, BaseUrl baseUrl)
    {
        sessions.End(context);
        guests.End(context);
        // The next one at this screen is not to see what the last one looked at.
        context.Response.Headers["Clear-Site-Data"] = "\"cache\"";
        return Results.Redirect($"{baseUrl.PathOf(context.Request)}/");
    }
}

/// <summary>Who a page's visitor is.</summary>
/// <param name="Name">For people to read; empty where nobody signs in.</param>
/// <param name="Rights">Names of the rights.</param>
/// <param name="Guest">Came by a share link.</param>
/// <param name="Limited">Only part of the archive is there for them.</param>
/// <param name="Download">May take instances away.</param>
/// <param name="SignedIn">There is something to sign out of.</param>
internal sealed record VisitorAnswer(string Name, string[] Rights, bool Guest, bool Limited, bool Download, bool SignedIn);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VisitorAnswer))]
internal sealed partial class SignInJson : JsonSerializerContext;
