using Microsoft.AspNetCore.Http.Features;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.SignIn;

/// <summary>A page where somebody with a key signs in.</summary>
internal sealed class KeySignIn(ApiKeys keys, Sessions sessions, AccessTrail trail, BaseUrl baseUrl)
{
    private const int MaxKey = 256;
    private const int MaxForm = 16 * 1024;
    private const int MaxFields = 8;

    public static IResult Page(HttpContext context) =>
        context.Request.Path.Value!.EndsWith('/') ? Problem.NotFound("There is no such resource.") : DoorFiles.Answer(context, "sign-in.html", sendsForm: true);

    public async Task<IResult> SignInAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            return Problem.UnsupportedMediaType("Send the key as a form.");
        }
        var form = await context.Request.ReadFormAsync(new FormOptions { BufferBodyLengthLimit = MaxForm, ValueCountLimit = MaxFields }, context.RequestAborted);
        var (text, back, root) = (form["key"].ToString().Trim(), OidcSignIn.Local(form["return"].ToString()), baseUrl.PathOf(context.Request));
        if (text.Length is 0 or > MaxKey || keys.Find(text) is not { } key)
        {
            trail.Add(context, "sign-in", "refused", "nobody");
            return Results.Redirect($"{root}/access/sign-in?wrong=1&return={Uri.EscapeDataString(back)}");
        }
        sessions.Begin(context, key.Visitor, key);
        trail.Add(context, "sign-in", "allowed", key.Name);
        return Results.Redirect($"{root}{back}");
    }
}
