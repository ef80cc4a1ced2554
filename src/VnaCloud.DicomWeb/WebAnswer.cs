namespace VnaCloud.DicomWeb;

/// <summary>An answer whose body is still on its way.</summary>
internal sealed class WebAnswer(HttpResponseMessage response, Silence silence) : IAsyncDisposable
{
    public HttpResponseMessage Response { get; } = response;

    public string MediaType => Response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() ?? "";

    /// <summary>The body; what goes wrong with it is a <see cref="DicomWebException"/>.</summary>
    /// <param name="limit">Bytes after which it is refused.</param>
    /// <param name="cancellation">As given to the request; reads are bound to it already.</param>
    public async Task<Stream> OpenAsync(long limit, CancellationToken cancellation) =>
        new AnswerStream(await Response.Content.ReadAsStreamAsync(cancellation), silence, limit);

    public ValueTask DisposeAsync()
    {
        Response.Dispose();
        silence.Dispose();
        return ValueTask.CompletedTask;
    }
}
