using VnaCloud.Server.Http;

namespace VnaCloud.Server.Access;

/// <summary>The pages of those who are not in yet: sign-in by a key, and a share link.</summary>
internal static class DoorFiles
{
    private static readonly Lazy<StaticFiles> Files = new(static () => new StaticFiles("door/", "no-referrer"));

    /// <summary>The file, or 404.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">Of the file.</param>
    /// <param name="sendsForm">The page sends a form, here.</param>
    public static IResult Answer(HttpContext context, string name, bool sendsForm = false) =>
        Files.Value.Answer(context, name, sendsForm ? "form-action 'self'" : "form-action 'none'");
}
