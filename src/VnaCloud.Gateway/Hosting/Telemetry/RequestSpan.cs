using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace VnaCloud.Gateway.Hosting.Telemetry;

/// <summary>Gives the framework's span of a request what it lacks: the route's template, by which it is named, and the status.</summary>
internal sealed class RequestSpan : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, rest) =>
        {
            try
            {
                await rest(context);
            }
            finally
            {
                Complete(context);
            }
        });
        next(app);
    };

    private static void Complete(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { Recorded: true } span)
        {
            return;
        }
        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        span.DisplayName = span.GetTagItem("http.request.method") as string ?? "HTTP";
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            span.SetTag("http.route", route);
            span.DisplayName += " " + route;
        }
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", $"{status}").SetStatus(ActivityStatusCode.Error);
        }
    }
}
