using Microsoft.Net.Http.Headers;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Access;

/// <summary>Lets a request to its route when the route's <see cref="AccessRule"/> allows it, and leaves a record of it.</summary>
internal sealed class AccessGate(RequestDelegate next, AuthOptions options, Visitors visitors, AccessTrail trail, ArchiveHost archive, BaseUrl baseUrl)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // What is no route of ours (404, 405) has nothing to protect.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }
        var rule = endpoint.Metadata.GetMetadata<AccessRule>();
        if (rule is { IsOpen: true })
        {
            await next(context);
            return;
        }
        var visit = new Visit(context, rule);
        IResult? refusal;
        try
        {
            refusal = await RefuseAsync(context, rule, visit);
        }
        catch (ProviderUnavailableException)
        {
            trail.Add(visit with { Status = StatusCodes.Status503ServiceUnavailable });
            throw;
        }
        if (refusal is not null)
        {
            trail.Add(visit with { Status = StatusOf(refusal) });
            await refusal.ExecuteAsync(context);
            return;
        }
        if (options.IsOn)
        {
            // What one visitor was given is not for the next one who asks the same cache.
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Authorization);
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Cookie);
        }
        try
        {
            await visit.LookUpAsync(archive, trail, context.RequestAborted);
            await next(context);
        }
        finally
        {
            trail.Add(visit with { Status = ErrorAnswers.FinalStatus(context) });
        }
    }

    private async Task<IResult?> RefuseAsync(HttpContext context, AccessRule? rule, Visit visit)
    {
        if (rule is null)
        {
            return new Problem(StatusCodes.Status403Forbidden, "Nobody may use this resource.");
        }
        var (visitor, why) = await visitors.ReadAsync(context);
        if (visitor is null)
        {
            return rule.IsPage && why.Length == 0 ? Results.Redirect(SignInUrl(context.Request)) : Challenge(context, why);
        }
        context.Features.Set(visitor);
        visit.Visitor = visitor;
        return !visitor.Rights.HasFlag(rule.Needs) ? Forbidden(context, $"This needs the right '{rule.Needs.ToString().ToLowerInvariant()}', which you have not.")
            : visitor.Reach.IsLimited && !rule.KeepsReach ? Forbidden(context, "This is for those to whom the whole archive is open.")
            : null;
    }

    private string SignInUrl(HttpRequest request) => $"{baseUrl.PathOf(request)}/access/sign-in?return={Uri.EscapeDataString($"{request.Path}{request.QueryString}")}";

    // RFC 6750 3: no error code where no token was sent.
    private static Problem Challenge(HttpContext context, string why)
    {
        context.Response.Headers.WWWAuthenticate = why.Length == 0 ? "Bearer realm=\"vnacloud\"" : "Bearer realm=\"vnacloud\", error=\"invalid_token\"";
        return new Problem(StatusCodes.Status401Unauthorized, why.Length == 0 ? "Sign in, or send a bearer token." : why);
    }

    private static Problem Forbidden(HttpContext context, string why)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"vnacloud\", error=\"insufficient_scope\"";
        return new Problem(StatusCodes.Status403Forbidden, why);
    }

    private static int StatusOf(IResult refusal) => refusal is Problem problem ? problem.Status : StatusCodes.Status401Unauthorized;
}
