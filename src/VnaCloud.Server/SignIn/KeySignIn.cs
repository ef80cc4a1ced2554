using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.SignIn;

/// <summary>A page where somebody with a key signs in.</summary>
internal sealed class KeySignIn(Visitors visitors, Sessions sessions, AccessTrail trail, BaseUrl baseUrl)
{
    private const int MaxKey = 256;
    private static readonly StaticFiles Files = StaticFiles.Of("door/");

    public static IResult Page(HttpContext context) => context.Request.Path.Value!.EndsWith('/') ? Problem.NotFound("There is no such resource.") : Files.Answer(context, "sign-in.html", "form-action 'self'");

    public static IResult Asset(HttpContext context, string file) => Files.Answer(context, file, "form-action 'none'");

    public async Task<IResult> SignInAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            return Problem.UnsupportedMediaType("Send the key as a form.");
        }
        var form = await context.Request.ReadFormAsync(new Microsoft.AspNetCore.Http.Features.FormOptions { BufferBodyLengthLimit = 16 * 1024, ValueCountLimit = 8 }, context.RequestAborted);
        var text = form["key"].ToString().Trim();
        var target = $"{baseUrl.PathOf(context.Request)}{OidcSignIn.Local(form["return"].ToString())}";
        if (text.Length is 0 or > MaxKey || visitors.KeyOf(text) is not { } key)
        {
            trail.Add(context, "sign-in", "refused", "nobody");
            return Results.Redirect($"{baseUrl.PathOf(context.Request)}/access/sign-in?wrong=1&return={Uri.EscapeDataString(OidcSignIn.Local(form["return"].ToString()))}");
        }
        sessions.Begin(context, key.Visitor, key);
        trail.Add(context, "sign-in", "allowed", key.Name);
        return Results.Redirect(target);
    }
}
