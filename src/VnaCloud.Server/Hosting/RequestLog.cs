using System.Diagnostics;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Hosting;

/// <summary>One line per request. The route's template stands for the path, which holds UIDs and search terms.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "-";
            Log.Answered(
                logger, Method(context.Request.Method), route, ErrorAnswers.FinalStatus(context), Stopwatch.GetElapsedTime(started).TotalMilliseconds,
                context.Request.ContentLength, context.Response.ContentLength, Activity.Current?.Id ?? context.TraceIdentifier);
        }
    }

    // A method is any token; what is not a known one is not worth a line of its own.
    private static string Method(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method)
        || HttpMethods.IsDelete(method) || HttpMethods.IsOptions(method) ? method : "OTHER";

    private static partial class Log
    {
        [LoggerMessage(1002, LogLevel.Information,
            "{Method} {Route} {Status} in {Milliseconds:F1} ms, {RequestBytes} bytes in, {ResponseBytes} bytes out ({TraceId})")]
        public static partial void Answered(
            ILogger logger, string method, string route, int status, double milliseconds, long? requestBytes, long? responseBytes, string traceId);
    }
}
