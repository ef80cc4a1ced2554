using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>
/// Keys of studies without reading studies: the rows of names and modalities carry a study's place in answers, so searches by name,
/// modality, date and time are answered from ranges of those tables.
/// </summary>
internal static class StudyKeys
{
    /// <summary>The keys; null when the search has other criteria too.</summary>
    public static IQueryable<ResultKey>? TryCompose(IndexDb db, SearchRequest request)
    {
        var (names, modalities, dates) = (new List<Criterion>(), new List<string>(), new List<Criterion>());
        foreach (var criterion in request.Criteria)
        {
            switch (criterion)
            {
                case { Match: Match.Name }:
                    names.Add(criterion);
                    break;
                // One criterion of the series level asks for any series, which is what Modalities in Study lists.
                case { Attribute.Value: Columns.ModalitiesInStudy or Columns.Modality, Match: Match.AnyOf { Values: [{ Length: > 0 } modality] } }:
                    modalities.Add(Ingest.Text.Clean(modality));
                    break;
                case { Attribute.Value: Columns.StudyDate or Columns.StudyTime }:
                    dates.Add(criterion);
                    break;
                default:
                    return null;
            }
        }
        var terms = names.SelectMany(name => Names.Terms(db, request.Tenant.Value, name)).ToList();
        return request.StudyUid is null && terms.Count + modalities.Count > 0 ? Compose(db, request.Tenant.Value, terms, modalities, dates) : null;
    }

    private static IQueryable<ResultKey> Compose(
        IndexDb db, int tenant, List<IQueryable<StudyWordEntity>> terms, List<string> modalities, List<Criterion> dates)
    {
        var keys = terms.Count > 0 ? OfWords(terms[0]) : OfModality(db, tenant, modalities[0]);
        keys = dates.Aggregate(keys, (all, criterion) => all.Where(criterion.Match is Match.Combined combined
            ? Predicates.OfDateTime(combined).On(Columns.Key[criterion.Attribute.Value], Columns.Key[combined.TimeAttribute.Value])
            : Predicates.OfText(db, criterion.Match).On(Columns.Key[criterion.Attribute.Value])));
        foreach (var term in terms.Skip(1))
        {
            var uids = term.Select(static row => row.StudyUid);
            keys = keys.Where(key => uids.Contains(key.StudyUid));
        }
        foreach (var modality in modalities.Skip(terms.Count > 0 ? 0 : 1))
        {
            keys = keys.Where(key => db.StudyModalities.Any(row => row.TenantId == tenant && row.Modality == modality
                && row.StudyDate == key.StudyDate && row.StudyTime == key.StudyTime && row.StudyUid == key.StudyUid));
        }
        // A study may have the name in two component groups, or two words with one beginning.
        return terms.Count > 0 ? keys.Distinct() : keys;
    }

    private static IQueryable<ResultKey> OfWords(IQueryable<StudyWordEntity> term) => term.Select(static row => new ResultKey
    {
        StudyDate = row.StudyDate, StudyTime = row.StudyTime, StudyUid = row.StudyUid,
    });

    private static IQueryable<ResultKey> OfModality(IndexDb db, int tenant, string modality) =>
        db.StudyModalities.Where(row => row.TenantId == tenant && row.Modality == modality).Select(static row => new ResultKey
        {
            StudyDate = row.StudyDate, StudyTime = row.StudyTime, StudyUid = row.StudyUid,
        });
}
