using System.Globalization;
using System.Runtime.CompilerServices;
using VnaCloud.Dicom;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Migration;

/// <summary>A source that is asked by QIDO-RS and gives by WADO-RS.</summary>
internal sealed class WebSource(DicomWebOptions options) : IMigrationSource
{
    private readonly DicomWebClient _client = new(options);

    public async IAsyncEnumerable<ListedStudy> StudiesAsync(StudyFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = new List<KeyValuePair<string, string>> { new("includefield", "00201208") };
        if (filter.Dates is not null)
        {
            query.Add(new("StudyDate", filter.Dates));
        }
        if (filter.Modality is not null)
        {
            query.Add(new("ModalitiesInStudy", filter.Modality));
        }
        // A list of UIDs in one query is not understood by all.
        IEnumerable<KeyValuePair<string, string>?> which = filter.StudyUids.Count == 0 ? [null] : filter.StudyUids.Select(uid => (KeyValuePair<string, string>?)new("StudyInstanceUID", uid));
        foreach (var one in which)
        {
            await foreach (var study in SearchAsync("studies", one is null ? query : [.. query, one.Value], cancellation))
            {
                yield return new ListedStudy(Uid(study, DicomTags.StudyInstanceUID), Number(study, DicomTags.NumberOfStudyRelatedInstances));
            }
        }
    }

    public async Task<IReadOnlyList<ListedSeries>> SeriesAsync(string studyUid, CancellationToken cancellation)
    {
        var series = new List<ListedSeries>();
        await foreach (var found in SearchAsync($"studies/{studyUid}/series", [new("includefield", "00201209")], cancellation))
        {
            series.Add(new ListedSeries(studyUid, Uid(found, DicomTags.SeriesInstanceUID), Number(found, DicomTags.NumberOfSeriesRelatedInstances)));
        }
        return series;
    }

    public async Task<IReadOnlyList<string>> InstancesAsync(ListedSeries series, CancellationToken cancellation)
    {
        var instances = new List<string>();
        await foreach (var found in SearchAsync($"studies/{series.StudyUid}/series/{series.SeriesUid}/instances", [], cancellation))
        {
            instances.Add(Uid(found, DicomTags.SOPInstanceUID));
        }
        return instances;
    }

    public async IAsyncEnumerable<string> FetchAsync(
        ListedSeries series, IReadOnlyList<string> sopUids, bool whole, string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var paths = whole ? [new DicomPath(series.StudyUid, series.SeriesUid)] : sopUids.Select(uid => new DicomPath(series.StudyUid, series.SeriesUid, uid));
        foreach (var path in paths)
        {
            await using var parts = await OpenAsync(path, isOneOfMany: !whole, cancellation);
            while (parts is not null && await ReadAsync(parts, folder, cancellation) is { } file)
            {
                yield return file;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // Null for one instance that is not given: the others are.
    private async Task<RetrievedParts?> OpenAsync(DicomPath path, bool isOneOfMany, CancellationToken cancellation)
    {
        var result = await _client.RetrieveAsync(path, cancellation: cancellation);
        return result.IsSuccess ? result.Value
            : isOneOfMany && result.Error.Fault is not (WebFault.Network or WebFault.Timeout) ? null
            : throw Failure(result.Error, null);
    }

    private static async Task<string?> ReadAsync(RetrievedParts parts, string folder, CancellationToken cancellation)
    {
        try
        {
            return await parts.ReadAsync(cancellation) is { } part ? await InstanceFile.WriteAsync(part.Content, folder, cancellation) : null;
        }
        catch (DicomWebException failure)
        {
            throw Failure(failure.Error, failure);
        }
    }

    private async IAsyncEnumerable<DicomDataSet> SearchAsync(string resource, IReadOnlyList<KeyValuePair<string, string>> query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var results = _client.SearchAsync(resource, query, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await results.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (DicomWebException failure)
            {
                throw Failure(failure.Error, failure);
            }
            yield return results.Current;
        }
    }

    private static SourceException Failure(WebError error, Exception? inner) =>
        new($"The source: {error.Message}", error.IsTransient || error.Fault is WebFault.Unauthorized or WebFault.Forbidden, inner);

    internal static string Uid(DicomDataSet found, DicomTag tag)
    {
        var uid = found.String(tag).Trim(' ', '\0');
        return DicomUid.IsTolerated(uid) ? uid : throw new SourceException($"The source lists something without a usable {tag}.", isGone: false);
    }

    internal static int? Number(DicomDataSet found, DicomTag tag) =>
        int.TryParse(found.String(tag).Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
