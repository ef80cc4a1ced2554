namespace VnaCloud.Server.Access;

/// <summary>Who sent a request, and what that allows.</summary>
/// <param name="Who">Subject of the token, name of the key, "share:" and a link's id, or "anonymous": what the audit trail says.</param>
/// <param name="Name">For people to read.</param>
/// <param name="Rights">What they may do.</param>
internal sealed record Visitor(string Who, string Name, Rights Rights)
{
    /// <summary>Everybody, where nobody signs in.</summary>
    public static readonly Visitor Anonymous = new("anonymous", "", Rights.All);

    /// <summary>How much of the archive there is for them.</summary>
    public Reach Reach { get; init; } = Reach.Everything;

    /// <summary>Whether they may take whole instances away, or only look at them.</summary>
    public bool MayDownload { get; init; } = true;

    /// <summary>Came by a share link.</summary>
    public bool IsGuest { get; init; }

    /// <summary>The visitor that the gate let in.</summary>
    public static Visitor Of(HttpContext context) => context.Features.Get<Visitor>() ?? throw new InvalidOperationException("The route is open to all, and knows no visitor.");
}
