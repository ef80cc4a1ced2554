using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Http;

/// <summary>Small JSON bodies of requests.</summary>
internal static class JsonBody
{
    /// <summary>The object; or what is wrong with it.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, int most)
        where T : class
    {
        if (MediaType.Parse(request.ContentType)?.Name != MediaTypeNames.Json || request.Headers.ContentEncoding.Count > 0)
        {
            return (null, Problem.UnsupportedMediaType("Send application/json, without Content-Encoding."));
        }
        var buffer = new byte[most + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        if (length > most)
        {
            return (null, new Problem(StatusCodes.Status413PayloadTooLarge, $"The body may have {most} bytes."));
        }
        try
        {
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), type) is { } value ? (value, null) : (null, Problem.BadRequest("The body is null."));
        }
        catch (JsonException wrong)
        {
            return (null, Problem.BadRequest($"The body is not what is asked for here, near line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine}: {type.Type.Name} as the API's description has it."));
        }
    }
}
