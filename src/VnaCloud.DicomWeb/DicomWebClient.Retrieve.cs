using System.Globalization;

namespace VnaCloud.DicomWeb;

public sealed partial class DicomWebClient
{
    /// <summary>Instances of a study, of a series, or one, as PS3.10 files (WADO-RS, PS3.18 10.4.1.1.1).</summary>
    /// <param name="path">What to retrieve.</param>
    /// <param name="transferSyntax">A transfer syntax UID; the default <c>*</c> is as stored.</param>
    /// <param name="cancellation">Ends the request and the reading of its answer.</param>
    public Task<WebResult<RetrievedParts>> RetrieveAsync(DicomPath path, string transferSyntax = "*", CancellationToken cancellation = default) =>
        PartsAsync($"{path}", $"multipart/related; type=\"application/dicom\"; transfer-syntax={transferSyntax}", cancellation);

    /// <summary>Frames of an instance (PS3.18 10.4.1.1.6), in the order asked for.</summary>
    /// <param name="instance">A path with an instance.</param>
    /// <param name="frames">Numbers from 1.</param>
    /// <param name="accept">The Accept header, such as <c>multipart/related; type="application/octet-stream"; transfer-syntax=*</c>.</param>
    /// <param name="cancellation">Ends the request and the reading of its answer.</param>
    public Task<WebResult<RetrievedParts>> FramesAsync(DicomPath instance, IReadOnlyList<int> frames, string accept, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(instance?.Instance);
        return PartsAsync($"{instance}/frames/{string.Join(',', frames.Select(frame => frame.ToString(CultureInfo.InvariantCulture)))}", accept, cancellation);
    }

    /// <summary>A picture (PS3.18 10.4.1.1.3).</summary>
    /// <param name="path">A study, series or instance.</param>
    /// <param name="accept">The Accept header, such as <c>image/jpeg</c>.</param>
    /// <param name="cancellation">Ends the request and the reading of its answer.</param>
    public Task<WebResult<RetrievedParts>> RenderedAsync(DicomPath path, string accept, CancellationToken cancellation) => PartsAsync($"{path}/rendered", accept, cancellation);

    private async Task<WebResult<RetrievedParts>> PartsAsync(string resource, string accept, CancellationToken cancellation)
    {
        var result = await GetAsync(new Uri(_service, resource), accept, cancellation);
        return result.IsSuccess ? await RetrievedParts.OpenAsync(result.Value, cancellation) : result.Error;
    }
}
