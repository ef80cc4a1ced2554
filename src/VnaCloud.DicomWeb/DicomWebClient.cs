using System.Net;
using System.Net.Http.Headers;

namespace VnaCloud.DicomWeb;

/// <summary>
/// A DICOMweb service as its client sees it (PS3.18 section 10): store, search, retrieve. Bodies stream in both directions. HTTP/1.1 on a
/// bounded number of connections: one HTTP/2 connection cannot fill a long, lossy link. Safe for concurrent use.
/// </summary>
public sealed partial class DicomWebClient : IDisposable
{
    private const string DicomJson = "application/dicom+json";

    // Worth a round trip to be refused before it is sent.
    private const long AskFirstBytes = 1024 * 1024;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);
    private readonly DicomWebOptions _options;
    private readonly HttpClient _http;
    private readonly Uri _service;
    private int _credentialsAge;

    /// <summary>A client that makes its connections itself.</summary>
    public DicomWebClient(DicomWebOptions options)
        : this(options, Connections.Create(options))
    {
    }

    /// <summary>A client over connections of another's making, which become its own.</summary>
    public DicomWebClient(DicomWebOptions options, HttpMessageHandler connections)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _service = new Uri(options.ServiceUrl.AbsoluteUri.TrimEnd('/') + "/");
        _http = new HttpClient(connections)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>A read: repeated while it fails for passing reasons and nothing of its answer was given out.</summary>
    private async Task<WebResult<WebAnswer>> GetAsync(Uri uri, string accept, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await SendAsync(new WebRequest(HttpMethod.Get, uri, accept), cancellation);
            if (result.IsSuccess || !result.Error.IsTransient || attempt >= _options.Retry.Attempts)
            {
                return result;
            }
            await Task.Delay(_options.Retry.Pause(attempt, result.Error.RetryAfter), _options.Time, cancellation);
        }
    }

    /// <summary>One request, and one more with new credentials when it is answered 401: such a one was not carried out.</summary>
    private async Task<WebResult<WebAnswer>> SendAsync(WebRequest request, CancellationToken cancellation)
    {
        var age = Volatile.Read(ref _credentialsAge);
        var result = await SendOnceAsync(request, renew: false, cancellation);
        if (result.Error is not { Fault: WebFault.Unauthorized } || _options.Authorization is null)
        {
            return result;
        }
        // Many requests meet the same expiry: the first asks for new credentials, the others get what it got.
        var renew = Interlocked.CompareExchange(ref _credentialsAge, age + 1, age) == age;
        return await SendOnceAsync(request, renew, cancellation);
    }

    private async Task<WebResult<WebAnswer>> SendOnceAsync(WebRequest request, bool renew, CancellationToken cancellation)
    {
        var silence = new Silence(_options.Silence, _options.Time, cancellation);
        var content = request.Instances is { } instances ? new InstancesContent(instances, silence) : null;
        HttpResponseMessage? response = null;
        var kept = false;
        try
        {
            using var message = await MessageAsync(request, content, renew, cancellation);
            response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            silence.Break();
            if (!request.Takes(response.StatusCode))
            {
                return Refusal(response);
            }
            kept = true;
            return new WebAnswer(response, silence);
        }
        catch (Exception failure) when (Fault(failure, content, silence) is { } error)
        {
            return error;
        }
        finally
        {
            if (!kept)
            {
                response?.Dispose();
                silence.Dispose();
            }
        }
    }

    private async Task<HttpRequestMessage> MessageAsync(WebRequest request, InstancesContent? content, bool renew, CancellationToken cancellation)
    {
        var message = new HttpRequestMessage(request.Method, request.Uri) { Content = content ?? (HttpContent?)request.Json(), Version = HttpVersion.Version11 };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        if (content is not null)
        {
            message.Headers.ExpectContinue = !(content.Headers.ContentLength < AskFirstBytes);
        }
        foreach (var (name, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
        if (_options.Authorization is { } authorization)
        {
            message.Headers.Authorization = await authorization(renew, cancellation);
        }
        return message;
    }

    private static WebError? Fault(Exception failure, InstancesContent? content, Silence silence) => failure switch
    {
        _ when content?.SourceFailure is { } source => new WebError(WebFault.Source, $"An instance cannot be read: {source.Message}"),
        OperationCanceledException when silence.IsOver => new WebError(WebFault.Timeout, "The service stopped answering."),
        // The connect timeout ends so, while nobody cancelled anything.
        OperationCanceledException when !silence.Token.IsCancellationRequested => new WebError(WebFault.Timeout, "The service cannot be connected to in time."),
        HttpRequestException network => new WebError(WebFault.Network, $"The service cannot be reached ({network.HttpRequestError})."),
        IOException => new WebError(WebFault.Network, "The connection was lost."),
        _ => null,
    };

    private WebError Refusal(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var fault = status switch
        {
            401 => WebFault.Unauthorized,
            403 or 407 => WebFault.Forbidden,
            404 or 410 => WebFault.NotFound,
            408 => WebFault.Timeout,
            409 => WebFault.Conflict,
            406 or 415 => WebFault.MediaType,
            413 => WebFault.TooLarge,
            425 or 429 => WebFault.TooManyRequests,
            502 or 503 or 504 => WebFault.Unavailable,
            >= 500 => WebFault.ServerError,
            _ => WebFault.Rejected,
        };
        return new WebError(fault, $"The service answered {status}.", status, RetryAfter(response.Headers.RetryAfter));
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var asked = header?.Delta ?? header?.Date - _options.Time.GetUtcNow();
        return asked is { } pause ? TimeSpan.FromTicks(Math.Clamp(pause.Ticks, 0, LongestRetryAfter.Ticks)) : null;
    }
}

/// <summary>What is asked.</summary>
internal sealed record WebRequest(HttpMethod Method, Uri Uri, string Accept)
{
    public IReadOnlyList<OutgoingInstance>? Instances { get; init; }

    /// <summary>A body of DICOM JSON.</summary>
    public byte[]? DicomJson { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public ByteArrayContent? Json() =>
        DicomJson is null ? null : new ByteArrayContent(DicomJson) { Headers = { ContentType = new MediaTypeHeaderValue("application/dicom+json") } };

    /// <summary>Whether the body of an answer with this status is the answer; all others are refusals.</summary>
    public bool Takes(HttpStatusCode status) => status is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.PartialContent
        || (Instances is not null && status is HttpStatusCode.Accepted or HttpStatusCode.Conflict)
        || (DicomJson is not null && status is HttpStatusCode.Accepted);
}
