using System.Text.Json;
using VnaCloud.Dicom;

namespace VnaCloud.DicomWeb;

public sealed partial class DicomWebClient
{
    private const long StowAnswerBytes = 64L * 1024 * 1024;

    /// <summary>
    /// Stores instances (STOW-RS, PS3.18 10.5) by one request. Not repeated here, but for a 401: whether what failed half-way is stored only
    /// asking again tells, and an archive takes an instance that it has already for stored.
    /// </summary>
    /// <param name="instances">With different SOP Instance UIDs, which is all that the answer tells them apart by.</param>
    /// <param name="headers">More of the request, such as an Idempotency-Key.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <returns>The outcome of each instance after 200, 202 and 409; an error when the answer says nothing about instances.</returns>
    public async Task<WebResult<StowAnswer>> StoreAsync(
        IReadOnlyList<OutgoingInstance> instances, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(instances);
        if (instances.Select(instance => instance.SopInstanceUid).Distinct(StringComparer.Ordinal).Count() != instances.Count)
        {
            throw new ArgumentException("An answer cannot tell instances with the same SOP Instance UID apart: send them one after the other.", nameof(instances));
        }
        var request = new WebRequest(HttpMethod.Post, new Uri(_service, "studies"), DicomJson) { Instances = instances, Headers = headers };
        var result = await SendAsync(request, cancellation);
        if (!result.IsSuccess)
        {
            return result.Error;
        }
        await using var answer = result.Value;
        try
        {
            return await ReadStoreAnswerAsync(answer, instances, cancellation);
        }
        catch (DicomWebException lost)
        {
            return lost.Error;
        }
    }

    private static async Task<WebResult<StowAnswer>> ReadStoreAnswerAsync(WebAnswer answer, IReadOnlyList<OutgoingInstance> instances, CancellationToken cancellation)
    {
        var status = (int)answer.Response.StatusCode;
        var body = await answer.OpenAsync(StowAnswerBytes, cancellation);
        try
        {
            using var json = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = DicomJsonReader.MaxJsonDepth }, cancellation);
            // Some services answer with an array of one module.
            var root = json.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 1 ? array[0] : json.RootElement;
            return StowAnswerReader.Read(status, DicomJsonReader.Read(root, EmptyBulk), instances);
        }
        catch (Exception malformed) when (malformed is JsonException or DicomFormatException)
        {
            return new WebError(status == 409 ? WebFault.Conflict : WebFault.Malformed, $"The service answered {status} without a Store Instances Response Module.", status);
        }
    }

    private static DicomElement EmptyBulk(BulkDataReference reference) => new(reference.Tag, reference.Vr, ReadOnlyMemory<byte>.Empty);
}
