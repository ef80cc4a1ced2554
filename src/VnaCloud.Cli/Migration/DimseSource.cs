using System.Runtime.CompilerServices;
using System.Threading.Channels;
using VnaCloud.Dicom;
using VnaCloud.Dimse;

namespace VnaCloud.Cli.Migration;

/// <summary>A source that is asked by C-FIND and sends by C-MOVE to a port that is open for as long as the migration runs.</summary>
internal sealed class DimseSource(DimsePeer peer, MoveReceiver receiver) : IMigrationSource
{
    private const string StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";

    /// <summary>The oldest study date that is looked for where a search has to be cut into ranges: X-rays are from 1895.</summary>
    private static readonly DateOnly Oldest = new(1895, 1, 1);

    /// <summary>SOP Instance UIDs in one identifier of C-MOVE.</summary>
    private const int UidsAtOnce = 100;

    public async IAsyncEnumerable<ListedStudy> StudiesAsync(StudyFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (filter.StudyUids.Count > 0)
        {
            foreach (var uid in filter.StudyUids)
            {
                foreach (var study in (await FindAsync(Keys(filter).Set(DicomTags.StudyInstanceUID, DicomVr.UI, uid), mustBeWhole: true, cancellation)).Found)
                {
                    yield return Study(study);
                }
            }
            yield break;
        }
        var (whole, all) = await FindAsync(Keys(filter), mustBeWhole: false, cancellation);
        if (whole)
        {
            foreach (var study in all)
            {
                yield return Study(study);
            }
            yield break;
        }
        // More than the source gives at once: by ranges of dates, halved until each is given.
        var (from, to) = Range(filter.Dates);
        var ranges = new Stack<(DateOnly From, DateOnly To)>([(from, to)]);
        while (ranges.TryPop(out var range))
        {
            var (isWhole, studies) = await FindAsync(Keys(filter).Set(DicomTags.StudyDate, DicomVr.DA, $"{range.From:yyyyMMdd}-{range.To:yyyyMMdd}"), mustBeWhole: false, cancellation);
            if (isWhole)
            {
                foreach (var study in studies)
                {
                    yield return Study(study);
                }
            }
            else if (range.From == range.To)
            {
                throw new SourceException($"The source does not list the studies of {range.From:yyyy-MM-dd}: they are more than it gives at once. Raise its limit of search results.", isGone: false);
            }
            else
            {
                var middle = DateOnly.FromDayNumber((range.From.DayNumber + range.To.DayNumber) / 2);
                ranges.Push((middle.AddDays(1), range.To));
                ranges.Push((range.From, middle));
            }
        }
    }

    public async Task<IReadOnlyList<ListedSeries>> SeriesAsync(string studyUid, CancellationToken cancellation)
    {
        var keys = Level("SERIES", studyUid).Set(DicomTags.SeriesInstanceUID, DicomVr.UI, "").Set(DicomTags.NumberOfSeriesRelatedInstances, DicomVr.IS, "");
        var (_, found) = await FindAsync(keys, mustBeWhole: true, cancellation);
        return [.. found.Select(series => new ListedSeries(studyUid, WebSource.Uid(series, DicomTags.SeriesInstanceUID), WebSource.Number(series, DicomTags.NumberOfSeriesRelatedInstances)))];
    }

    public async Task<IReadOnlyList<string>> InstancesAsync(ListedSeries series, CancellationToken cancellation)
    {
        var keys = Level("IMAGE", series.StudyUid).Set(DicomTags.SeriesInstanceUID, DicomVr.UI, series.SeriesUid).Set(DicomTags.SOPInstanceUID, DicomVr.UI, "");
        var (_, found) = await FindAsync(keys, mustBeWhole: true, cancellation);
        return [.. found.Select(instance => WebSource.Uid(instance, DicomTags.SOPInstanceUID))];
    }

    public async IAsyncEnumerable<string> FetchAsync(
        ListedSeries series, IReadOnlyList<string> sopUids, bool whole, string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var files = Channel.CreateUnbounded<string>();
        using var expected = receiver.Expect(sopUids, folder, path => files.Writer.TryWrite(path));
        var moving = MoveAllAsync(series, sopUids, whole, files.Writer, cancellation);
        await foreach (var file in files.Reader.ReadAllAsync(CancellationToken.None))
        {
            yield return file;
        }
        await moving;
    }

    public ValueTask DisposeAsync() => receiver.DisposeAsync();

    // Ends the channel whatever happens; what happened is told to whoever awaits it.
    private async Task MoveAllAsync(ListedSeries series, IReadOnlyList<string> sopUids, bool whole, ChannelWriter<string> files, CancellationToken cancellation)
    {
        try
        {
            var of = Level(whole ? "SERIES" : "IMAGE", series.StudyUid).Set(DicomTags.SeriesInstanceUID, DicomVr.UI, series.SeriesUid);
            foreach (var some in whole ? [[]] : sopUids.Chunk(UidsAtOnce))
            {
                if (some.Length > 0)
                {
                    of.Set(DicomTags.SOPInstanceUID, DicomVr.UI, string.Join('\\', some));
                }
                await MoveAsync(of, cancellation);
            }
        }
        finally
        {
            files.Complete();
        }
    }

    private async Task MoveAsync(DicomDataSet identifier, CancellationToken cancellation)
    {
        await using var association = await ConnectAsync(StudyRootMove, cancellation);
        try
        {
            await foreach (var response in association.MoveAsync(StudyRootMove, receiver.AeTitle, identifier, cancellation))
            {
                // Single instances that were not sent are asked for again, and then named.
                if (response.Status.IsFailure)
                {
                    throw Refusal(response, response.Status == DimseStatus.MoveDestinationUnknown
                        ? $"It does not know the destination {receiver.AeTitle}: enter that AE title there, with this machine's address and port {receiver.Port}." : "It does not send.");
                }
            }
            await association.ReleaseAsync();
        }
        catch (AssociationException failure)
        {
            throw new SourceException($"The source: {failure.End.Detail}", isGone: true, failure);
        }
    }

    private static DicomDataSet Keys(StudyFilter filter)
    {
        var keys = Level("STUDY", "").Set(DicomTags.StudyDate, DicomVr.DA, filter.Dates ?? "").Set(DicomTags.NumberOfStudyRelatedInstances, DicomVr.IS, "");
        return filter.Modality is null ? keys : keys.Set(DicomTags.ModalitiesInStudy, DicomVr.CS, filter.Modality);
    }

    private static ListedStudy Study(DicomDataSet found) =>
        new(WebSource.Uid(found, DicomTags.StudyInstanceUID), WebSource.Number(found, DicomTags.NumberOfStudyRelatedInstances));

    // Out of resources (A700H, PS3.4 C.4.1.1.4), or success with as many as the source gives at most: then it is not whole.
    private async Task<(bool IsWhole, List<DicomDataSet> Found)> FindAsync(DicomDataSet keys, bool mustBeWhole, CancellationToken cancellation)
    {
        await using var association = await ConnectAsync(StudyRootFind, cancellation);
        var found = new List<DicomDataSet>();
        try
        {
            await foreach (var response in association.FindAsync(StudyRootFind, keys, cancellation))
            {
                if (response.Status.IsPending && response.DataSet is { } match)
                {
                    found.Add(match);
                }
                else if (!response.Status.IsSuccess && !response.Status.IsPending)
                {
                    return mustBeWhole ? throw Refusal(response, "It does not list what it has.") : (false, found);
                }
            }
            await association.ReleaseAsync();
        }
        catch (AssociationException failure)
        {
            throw new SourceException($"The source: {failure.End.Detail}", isGone: true, failure);
        }
        return (mustBeWhole || peer.MostFound is not { } most || found.Count < most, found);
    }

    private static SourceException Refusal(DimseResponse response, string what) =>
        new($"The source: {what} ({response.Status}{(response.ErrorComment.Length > 0 ? $" {response.ErrorComment}" : "")})", isGone: false);

    private async Task<DimseAssociation> ConnectAsync(string sopClass, CancellationToken cancellation)
    {
        try
        {
            var association = await DimseAssociation.ConnectAsync(new DimseConnectOptions
            {
                Host = peer.Host,
                Port = peer.Port,
                CalledAeTitle = peer.AeTitle,
                CallingAeTitle = receiver.AeTitle,
                Contexts = DimseConnectOptions.Propose((sopClass, StorageClasses.PlainSyntaxes)),
            }, cancellation);
            return association.FindContext(sopClass) is not null ? association
                : throw new SourceException($"The source does not offer {(sopClass == StudyRootMove ? "C-MOVE" : "C-FIND")} in the Study Root model to {receiver.AeTitle}.", isGone: true);
        }
        catch (AssociationException failure)
        {
            throw new SourceException($"The source: {failure.End.Detail}", isGone: true, failure);
        }
    }

    private static DicomDataSet Level(string level, string studyUid) =>
        new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, level).Set(DicomTags.StudyInstanceUID, DicomVr.UI, studyUid);

    private static (DateOnly From, DateOnly To) Range(string? dates)
    {
        var parts = dates?.Split('-', 2);
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(1);
        return (Day(parts?[0]) ?? Oldest, Day(parts?[^1]) ?? today);
    }

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var day) ? day : null;
}

/// <summary>A node that is called, from <c>dicom://AETITLE@host:port</c>.</summary>
/// <param name="AeTitle">AE title.</param>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
internal sealed record DimsePeer(string AeTitle, string Host, int Port)
{
    /// <summary>Results that it gives to a C-FIND at most while it says that these are all; null where it does not cut them off in silence.</summary>
    public int? MostFound { get; init; }
}
