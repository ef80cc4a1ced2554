using System.Buffers;
using System.Net;
using System.Text.Json;
using VnaCloud.Dicom;

namespace VnaCloud.DicomWeb;

public sealed partial class DicomWebClient
{
    /// <summary>Asks for the safekeeping of instances (PS3.18 13.4). Not repeated here.</summary>
    /// <param name="transactionUid">Names the request.</param>
    /// <param name="references">The instances.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <returns>The answer, which may be that the service is still at it; <see cref="WebFault.NotFound"/> and the like where it has no such resource.</returns>
    public Task<WebResult<CommitmentAnswer>> RequestCommitmentAsync(string transactionUid, IReadOnlyList<CommitmentReference> references, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(references);
        var module = new DicomDataSet().AddSequence(DicomTags.ReferencedSOPSequence, references, static (item, reference) => item
            .Set(DicomTags.ReferencedSOPClassUID, DicomVr.UI, reference.SopClassUid).Set(DicomTags.ReferencedSOPInstanceUID, DicomVr.UI, reference.SopInstanceUid));
        var json = new ArrayBufferWriter<byte>();
        new DicomJsonWriter(json).Write(module);
        return CommitmentAsync(new WebRequest(HttpMethod.Post, Commitment(transactionUid), DicomJson) { DicomJson = json.WrittenSpan.ToArray() }, cancellation);
    }

    /// <summary>Asks for the result of a request whose answer was not done (PS3.18 13.5).</summary>
    public Task<WebResult<CommitmentAnswer>> CheckCommitmentAsync(string transactionUid, CancellationToken cancellation) =>
        CommitmentAsync(new WebRequest(HttpMethod.Get, Commitment(transactionUid), DicomJson), cancellation);

    private Uri Commitment(string transactionUid) => DicomUid.IsValid(transactionUid) ? new Uri(_service, $"commitment-requests/{transactionUid}")
        : throw new ArgumentException("A transaction is named by a UID.", nameof(transactionUid));

    private async Task<WebResult<CommitmentAnswer>> CommitmentAsync(WebRequest request, CancellationToken cancellation)
    {
        var result = await SendAsync(request, cancellation);
        if (!result.IsSuccess)
        {
            return result.Error;
        }
        await using var answer = result.Value;
        if (answer.Response.StatusCode == HttpStatusCode.Accepted)
        {
            return CommitmentAnswer.Working;
        }
        try
        {
            var body = await answer.OpenAsync(_options.JsonBytes, cancellation);
            using var json = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = DicomJsonReader.MaxJsonDepth }, cancellation);
            return CommitmentAnswer.Read(DicomJsonReader.Read(json.RootElement, EmptyBulk));
        }
        catch (DicomWebException lost)
        {
            return lost.Error;
        }
        catch (Exception malformed) when (malformed is JsonException or DicomFormatException)
        {
            return new WebError(WebFault.Malformed, "The answer is no Storage Commitment Response Module.");
        }
    }
}
