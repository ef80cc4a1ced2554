using System.Net.Http.Headers;

namespace VnaCloud.DicomWeb;

/// <summary>One part of an answer: an instance, a frame, a picture.</summary>
public sealed class RetrievedPart
{
    internal RetrievedPart(IReadOnlyDictionary<string, string> headers, Stream content) => (Headers, Content) = (headers, content);

    /// <summary>Header fields by name, in any case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The media type with its parameters; empty when the part has none.</summary>
    public string ContentType => Headers.GetValueOrDefault("Content-Type", "");

    /// <summary>The bytes, to be read before the next part is asked for. An answer that is cut off is a <see cref="DicomWebException"/>, never an early end.</summary>
    public Stream Content { get; }
}

/// <summary>The parts of an answer as they arrive (PS3.18 8.6.1); an answer that is not multipart has one.</summary>
public sealed class RetrievedParts : IAsyncDisposable
{
    private readonly WebAnswer _answer;
    private readonly Stream _body;
    private readonly MultipartReader? _reader;
    private RetrievedPart? _only;

    private RetrievedParts(WebAnswer answer, Stream body, MultipartReader? reader) => (_answer, _body, _reader) = (answer, body, reader);

    /// <summary>The next part, or null after the last.</summary>
    /// <exception cref="DicomWebException">The answer is cut off or malformed.</exception>
    public async ValueTask<RetrievedPart?> ReadAsync(CancellationToken cancellation)
    {
        if (_reader is not null)
        {
            return await _reader.ReadPartAsync(cancellation);
        }
        var only = _only;
        _only = null;
        return only;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        await _body.DisposeAsync();
        await _answer.DisposeAsync();
    }

    internal static async Task<WebResult<RetrievedParts>> OpenAsync(WebAnswer answer, CancellationToken cancellation)
    {
        var body = await answer.OpenAsync(long.MaxValue, cancellation);
        if (answer.MediaType == "multipart/related")
        {
            var boundary = Boundary(answer.Response.Content.Headers.ContentType!);
            if (boundary.Length is 0 or > MultipartLimits.BoundaryLength || !Ascii(boundary))
            {
                await answer.DisposeAsync();
                return new WebError(WebFault.Malformed, "The multipart answer has no usable boundary.", (int)answer.Response.StatusCode);
            }
            return new RetrievedParts(answer, body, new MultipartReader(body, boundary));
        }
        var headers = answer.Response.Content.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new RetrievedParts(answer, body, null) { _only = new RetrievedPart(headers, body) };
    }

    private static string Boundary(MediaTypeHeaderValue type) =>
        type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))?.Value?.Trim('"') ?? "";

    private static bool Ascii(string text) => text.All(character => character is > '\x1F' and < '\x7F');
}
