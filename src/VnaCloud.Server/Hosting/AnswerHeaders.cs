using Microsoft.Net.Http.Headers;

namespace VnaCloud.Server.Hosting;

/// <summary>Headers that every answer has.</summary>
internal sealed class AnswerHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // The last word: registered first, so it runs after all others.
        context.Response.OnStarting(static state =>
        {
            var headers = ((HttpResponse)state).Headers;
            headers.XContentTypeOptions = "nosniff";
            AppendVary(headers, HeaderNames.Accept);
            AppendVary(headers, HeaderNames.AcceptEncoding);
            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    }

    private static void AppendVary(IHeaderDictionary headers, string name)
    {
        foreach (var line in headers.Vary)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                if (line.AsSpan(range).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return;
                }
            }
        }
        headers.Append(HeaderNames.Vary, name);
    }
}
