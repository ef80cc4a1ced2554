using VnaCloud.Cli.Import;
using VnaCloud.Dicom;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Migration;

/// <summary>The archive that everything goes to: by STOW-RS, and back by WADO-RS to be compared.</summary>
internal sealed class Target(DicomWebOptions options) : IDisposable
{
    private readonly DicomWebClient _client = new(options);

    /// <summary>Stores files; the answers in their order.</summary>
    /// <exception cref="CommandException">The archive does not answer.</exception>
    public Task<IReadOnlyList<ImportAnswer>> StoreAsync(IReadOnlyList<InstanceFile> files, CancellationToken cancellation) =>
        new StowSender(_client, options.ServiceUrl).StoreAsync([.. files.Select(file => new ImportFile(file.Path, file.Length, file.SopUid))], cancellation);

    /// <summary>What the archive gives back of a series, by SOP Instance UID.</summary>
    /// <param name="series">The series.</param>
    /// <param name="folder">For the files, each for as long as it is read.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DicomWebException">It does not give it back.</exception>
    public async Task<Dictionary<string, string>> ContentsAsync(ListedSeries series, string folder, CancellationToken cancellation)
    {
        var contents = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var parts = (await _client.RetrieveAsync(new DicomPath(series.StudyUid, series.SeriesUid), cancellation: cancellation)).Require();
        while (await parts.ReadAsync(cancellation) is { } part)
        {
            var path = await InstanceFile.WriteAsync(part.Content, folder, cancellation);
            try
            {
                var file = await InstanceFile.ReadAsync(path, cancellation);
                contents[file.SopUid] = file.Content;
            }
            catch (DicomFormatException malformed)
            {
                throw new DicomWebException(new WebError(WebFault.Malformed, $"The archive gave back what is not DICOM: {malformed.Message}"), malformed);
            }
            finally
            {
                File.Delete(path);
            }
        }
        return contents;
    }

    public void Dispose() => _client.Dispose();
}
