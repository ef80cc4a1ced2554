using VnaCloud.Dicom;
using VnaCloud.DicomWeb;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Query;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>
/// The instances that an identifier of C-MOVE or C-GET names (PS3.4 C.4.2.1.4): what the archive lists, and what waits in the spool to be sent
/// there. What the spool has is not fetched over the WAN.
/// </summary>
internal sealed class TargetFinder(DicomWebClient archive, ObjectSpool spool)
{
    /// <summary>Instances of one retrieval: numbers of sub-operations are 16 bits (PS3.7 E.1).</summary>
    public const int Most = ushort.MaxValue;

    private static readonly KeyValuePair<string, string> Syntax = new("includefield", DicomTags.AvailableTransferSyntaxUID.ToHex());

    /// <returns>The targets, by series; or the response that says why there are none: A900H for an identifier that lacks something, A701H.</returns>
    public async Task<(IReadOnlyList<RetrieveTarget>? Targets, DimseResponse? Refusal)> FindAsync(DimseRequest request, DicomDataSet identifier, CancellationToken cancellation)
    {
        var (searches, fault) = Searches(identifier, SopClasses.Query(request.Context.AbstractSyntax)!.Value.Model);
        if (searches is null)
        {
            return (null, new DimseResponse(DimseStatus.DataSetDoesNotMatchSopClass, fault!));
        }
        var found = new Dictionary<(string, string, string), RetrieveTarget>();
        try
        {
            foreach (var search in searches)
            {
                await AddLocalAsync(found, search, cancellation);
                if (!await AddStoredAsync(found, search, cancellation))
                {
                    return (null, new DimseResponse(DimseStatus.CannotCalculateMatches, $"More than {Most} instances match"));
                }
            }
        }
        catch (DicomWebException failed)
        {
            return (null, new DimseResponse(DimseStatus.CannotCalculateMatches, $"The archive cannot be asked: {failed.Error.Message}"));
        }
        return ([.. found.Values], null);
    }

    /// <summary>What to look for: the path of a search, its query, and what of a study the spool is asked for.</summary>
    private sealed record Search(string Resource, IReadOnlyList<KeyValuePair<string, string>> Query, string? Study, Func<SpooledObject, bool> Takes);

    private static (IReadOnlyList<Search>? Searches, string? Fault) Searches(DicomDataSet identifier, InformationModel model)
    {
        if (QueryRetrieveLevels.Read(identifier, model) is not { } level)
        {
            return (null, QueryRetrieveLevels.Missing);
        }
        if (level == QueryRetrieveLevel.Patient)
        {
            return identifier.Strings(DicomTags.PatientID) is [{ Length: > 0 } patient] && patient.AsSpan().IndexOfAny('*', '?') < 0
                ? ([new Search("instances", [new(DicomTags.PatientID.ToHex(), patient)], null, _ => false)], null)
                : (null, "Patient ID (0010,0020) must have one value");
        }
        var (studies, series, sops) = (Uids(identifier, DicomTags.StudyInstanceUID), Uids(identifier, DicomTags.SeriesInstanceUID), Uids(identifier, DicomTags.SOPInstanceUID));
        return (level, studies, series, sops) switch
        {
            (_, null, _, _) or (_, _, null, _) or (_, _, _, null) => (null, "A unique key has a value that is no UID"),
            (QueryRetrieveLevel.Study, { Count: > 0 }, _, _) => ([.. studies.Select(study => new Search($"studies/{study}/instances", [], study, _ => true))], null),
            (QueryRetrieveLevel.Series, { Count: 1 }, { Count: > 0 }, _) =>
                ([.. series.Select(one => new Search($"studies/{studies[0]}/series/{one}/instances", [], studies[0], spooled => spooled.SeriesUid == one))], null),
            (QueryRetrieveLevel.Image, { Count: 1 }, { Count: 1 }, { Count: > 0 }) =>
                ([.. sops.Chunk(100).Select(some => new Search($"studies/{studies[0]}/series/{series[0]}/instances", [new(DicomTags.SOPInstanceUID.ToHex(), string.Join(',', some))],
                    studies[0], spooled => spooled.SeriesUid == series[0] && some.Contains(spooled.SopInstanceUid)))], null),
            _ => (null, $"Unique keys down to level {level.Name()} must have values"),
        };
    }

    // Null when a value is no UID.
    private static List<string>? Uids(DicomDataSet identifier, DicomTag tag)
    {
        var values = identifier.Strings(tag).Where(value => value.Length > 0).Distinct().ToList();
        return values.TrueForAll(value => DicomUid.IsTolerated(value)) ? values : null;
    }

    private async Task AddLocalAsync(Dictionary<(string, string, string), RetrieveTarget> found, Search search, CancellationToken cancellation)
    {
        foreach (var (spooled, path) in search.Study is null ? [] : await spool.LocalCopiesAsync(search.Study, cancellation))
        {
            if (search.Takes(spooled))
            {
                found[(spooled.StudyUid, spooled.SeriesUid, spooled.SopInstanceUid)] =
                    new RetrieveTarget(spooled.StudyUid, spooled.SeriesUid, spooled.SopInstanceUid, spooled.SopClassUid, spooled.TransferSyntaxUid) { LocalPath = path };
            }
        }
    }

    // Says whether there are not too many.
    private async Task<bool> AddStoredAsync(Dictionary<(string, string, string), RetrieveTarget> found, Search search, CancellationToken cancellation)
    {
        await foreach (var result in archive.SearchAsync(search.Resource, [.. search.Query, Syntax], cancellation))
        {
            var target = new RetrieveTarget(
                result.String(DicomTags.StudyInstanceUID), result.String(DicomTags.SeriesInstanceUID), result.String(DicomTags.SOPInstanceUID),
                result.String(DicomTags.SOPClassUID), result.String(DicomTags.AvailableTransferSyntaxUID));
            if (DicomUid.IsTolerated(target.StudyUid) && DicomUid.IsTolerated(target.SeriesUid) && DicomUid.IsTolerated(target.SopUid))
            {
                found.TryAdd((target.StudyUid, target.SeriesUid, target.SopUid), target);
            }
            if (found.Count > Most)
            {
                return false;
            }
        }
        return true;
    }
}
