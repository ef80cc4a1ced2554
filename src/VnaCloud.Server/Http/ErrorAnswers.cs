using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http.Multipart;

namespace VnaCloud.Server.Http;

/// <summary>
/// Turns what nobody answered into a <see cref="Problem"/>: exceptions, and statuses without a body (unknown path, method not
/// allowed). Content faults are values in the slices; what arrives here as another exception is our own fault and a 500.
/// </summary>
internal sealed partial class ErrorAnswers(RequestDelegate next, ILogger<ErrorAnswers> logger)
{
    /// <summary>The client went away before its answer (as nginx writes it); it is only ever logged.</summary>
    private const int ClientClosedRequest = 499;

    private const int OutageRetrySeconds = 5;
    private const int NoSpaceOnUnix = 28; // ENOSPC
    private const int QuotaOnUnix = 122; // EDQUOT
    private const int DiskFullOnWindows = unchecked((int)0x80070070); // ERROR_DISK_FULL

    /// <summary>What the log should say of an answer: the status, or why it did not get to its end.</summary>
    public static int FinalStatus(HttpContext context) =>
        context.Items.TryGetValue(typeof(ErrorAnswers), out var aborted) ? (int)aborted!
        : context.RequestAborted.IsCancellationRequested ? ClientClosedRequest
        : context.Response.StatusCode;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && HasNoBody(context.Response) && ForStatus(context) is { } problem)
            {
                await problem.ExecuteAsync(context);
            }
        }
        catch (Exception exception) when (IsClientGone(context, exception))
        {
            context.Items[typeof(ErrorAnswers)] = ClientClosedRequest;
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = ClientClosedRequest;
            }
        }
        catch (Exception exception)
        {
            var problem = ForException(exception);
            if (IsOutage(exception))
            {
                context.RequestServices.GetRequiredService<ArchiveHost>().ReportTrouble();
            }
            if (problem.Status >= StatusCodes.Status500InternalServerError)
            {
                Log.Failed(logger, exception, problem.Status);
            }
            await AnswerAsync(context, problem);
        }
    }

    private static async Task AnswerAsync(HttpContext context, Problem problem)
    {
        if (context.Response.HasStarted)
        {
            // An answer that was cut off must not look complete.
            context.Items[typeof(ErrorAnswers)] = problem.Status;
            context.Abort();
            return;
        }
        context.Response.Clear();
        await problem.ExecuteAsync(context);
    }

    private static bool HasNoBody(HttpResponse response) =>
        response.StatusCode >= StatusCodes.Status400BadRequest && response.ContentLength is null or 0 && response.ContentType is null;

    private static Problem? ForStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound when context.GetEndpoint() is null => Problem.NotFound("There is no such resource."),
        StatusCodes.Status405MethodNotAllowed => new(StatusCodes.Status405MethodNotAllowed, "This resource has not this method; see Allow."),
        var status => new(status),
    };

    private static Problem ForException(Exception exception) => exception switch
    {
        MultipartFormatException multipart => new(multipart.StatusCode, multipart.Message),
        BadHttpRequestException request => new(request.StatusCode, ForBadRequest(request.StatusCode)),
        Archive.ObjectMissingException or Archive.TruncatedObjectException => new(
            StatusCodes.Status503ServiceUnavailable, "The stored bytes cannot be read; the operators of the archive have been told.") { RetryAfter = 60 },
        Imaging.ImageException image => new(StatusCodes.Status406NotAcceptable, $"{image.Message} The stored bytes can be had with transfer-syntax=*."),
        Imaging.CodecUnavailableException missing => new(StatusCodes.Status406NotAcceptable, missing.Message),
        Imaging.CodecBusyException busy => new(StatusCodes.Status503ServiceUnavailable, busy.Message) { RetryAfter = 1 },
        Imaging.CodecCrashException crash => new(StatusCodes.Status500InternalServerError, $"{crash.Message} The stored bytes can be had with transfer-syntax=*."),
        Access.ProviderUnavailableException unavailable => new(StatusCodes.Status503ServiceUnavailable, unavailable.Message) { RetryAfter = 10 },
        _ when IsOutage(exception) => new(StatusCodes.Status503ServiceUnavailable, "The archive's storage or index cannot be reached; try again.") { RetryAfter = OutageRetrySeconds },
        _ when IsDiskFull(exception) => new(
            StatusCodes.Status507InsufficientStorage, "The archive's storage is full; nothing of this request was kept. Reading goes on."),
        _ => new(StatusCodes.Status500InternalServerError),
    };

    // The framework's own messages may repeat what the client sent.
    private static string? ForBadRequest(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => "The request's body arrived too slowly.",
        StatusCodes.Status413PayloadTooLarge => "The request's body is too large.",
        _ => null,
    };

    private static bool IsClientGone(HttpContext context, Exception exception) =>
        exception is Archive.ReaderGoneException || (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException && !IsDiskFull(exception));

    private static bool IsOutage(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is Archive.StoreUnavailableException or Archive.IndexUnavailableException)
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsDiskFull(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is IOException { HResult: NoSpaceOnUnix or QuotaOnUnix or DiskFullOnWindows })
            {
                return true;
            }
        }
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "A request failed with {Status}")]
        public static partial void Failed(ILogger logger, Exception exception, int status);
    }
}
