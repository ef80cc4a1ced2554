using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Http;

/// <summary>
/// An error answer (RFC 9457). It is sent whatever the client accepts, because the reason helps more than silence.
/// <c>detail</c> holds no patient data and nothing of the request's URL.
/// </summary>
internal sealed class Problem(int status, string? detail = null) : IResult
{
    public int Status { get; } = status;

    public string? Detail { get; } = detail;

    /// <summary>Seconds after which to try again, for 503.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Cursor from which to go on, for 410.</summary>
    public string? Next { get; init; }

    public static Problem BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static Problem NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    /// <summary>406 that names what could have been had.</summary>
    public static Problem NotAcceptable(IEnumerable<MediaOffer> offers) =>
        new(StatusCodes.Status406NotAcceptable, $"None of the accepted media types can be given. Supported: {string.Join(", ", offers)}.");

    /// <summary>400 for an Accept header or <c>accept</c> parameter that cannot be read.</summary>
    public static Problem BadAccept() => BadRequest("Accept is not a list of media ranges with q between 0 and 1, or is too long.");

    public static Problem UnsupportedMediaType(string detail) => new(StatusCodes.Status415UnsupportedMediaType, detail);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = MediaTypeNames.ProblemJson;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ProblemBody(ReasonPhrases.GetReasonPhrase(Status), Status, Detail, Activity.Current?.Id ?? httpContext.TraceIdentifier, Next),
            ProblemJson.Default.ProblemBody);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}

internal sealed record ProblemBody(string Title, int Status, string? Detail, string TraceId, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemJson : JsonSerializerContext;
