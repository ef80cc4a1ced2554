using System.Diagnostics.CodeAnalysis;

namespace VnaCloud.DicomWeb;

/// <summary>What kept a service from doing what it was asked.</summary>
public enum WebFault
{
    /// <summary>No connection, or one that ended before the answer did.</summary>
    Network,

    /// <summary>Nothing moved in either direction for <see cref="DicomWebOptions.Silence"/>.</summary>
    Timeout,

    /// <summary>401: no credentials, or they are not taken, also after they were renewed.</summary>
    Unauthorized,

    /// <summary>403: these credentials may not do this.</summary>
    Forbidden,

    /// <summary>404 or 410: there is no such resource.</summary>
    NotFound,

    /// <summary>429: too many requests.</summary>
    TooManyRequests,

    /// <summary>502, 503 or 504: not now.</summary>
    Unavailable,

    /// <summary>Any other status from 500: the service failed.</summary>
    ServerError,

    /// <summary>413: the body is longer than the service takes.</summary>
    TooLarge,

    /// <summary>406 or 415: the service does not speak this media type.</summary>
    MediaType,

    /// <summary>409 without a Store Instances Response Module.</summary>
    Conflict,

    /// <summary>400 and all other statuses: asked again it would answer the same.</summary>
    Rejected,

    /// <summary>The answer is not what PS3.18 says, or is past a limit of <see cref="DicomWebOptions"/>.</summary>
    Malformed,

    /// <summary>What was to be sent could not be read; the service is not to blame.</summary>
    Source,
}

/// <summary>A request that failed.</summary>
/// <param name="Fault">The kind.</param>
/// <param name="Message">One sentence without patient data.</param>
/// <param name="Status">The HTTP status, when there was one.</param>
/// <param name="RetryAfter">How long the service asks to be left alone (RFC 9110 10.2.3), an hour at most.</param>
public sealed record WebError(WebFault Fault, string Message, int? Status = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient => Fault is WebFault.Network or WebFault.Timeout or WebFault.TooManyRequests or WebFault.Unavailable or WebFault.ServerError;
}

/// <summary>What a service gave, or why it did not.</summary>
public readonly record struct WebResult<T>
    where T : class
{
    private WebResult(T? value, WebError? error) => (Value, Error) = (value, error);

    /// <summary>What was asked for; null after a failure.</summary>
    public T? Value { get; }

    /// <summary>The failure; null when there is none.</summary>
    public WebError? Error { get; }

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Value is not null;

    /// <summary>A value.</summary>
    public static implicit operator WebResult<T>(T value) => new(value, null);

    /// <summary>A failure.</summary>
    public static implicit operator WebResult<T>(WebError error) => new(null, error);

    /// <summary>The value.</summary>
    /// <exception cref="DicomWebException">There is none.</exception>
    public T Require() => Value ?? throw new DicomWebException(Error!);
}

/// <summary>An answer ended badly while it was being read, where no value can say so any more.</summary>
public sealed class DicomWebException(WebError error, Exception? inner = null) : Exception(error.Message, inner)
{
    /// <summary>What happened.</summary>
    public WebError Error { get; } = error;
}
