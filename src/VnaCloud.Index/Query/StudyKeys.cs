using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>
/// Keys of studies without reading studies: the rows of names and modalities carry a study's place in answers, so searches by name,
/// modality, date and time are answered from ranges of those tables.
/// </summary>
internal static class StudyKeys
{
    /// <summary>Modalities of one list that are looked up each in its range; of more, studies are asked.</summary>
    private const int MaxRanges = 8;

    /// <summary>The keys; null when there are other criteria too, or none that a range answers.</summary>
    public static IQueryable<ResultKey>? TryCompose(IndexDb db, int tenant, IEnumerable<Criterion> criteria)
    {
        var (names, modalities, dates) = (new List<Criterion>(), new List<string[]>(), new List<Criterion>());
        foreach (var criterion in criteria)
        {
            switch (criterion)
            {
                case { Match: Match.Name }:
                    names.Add(criterion);
                    break;
                // One criterion of the series level asks for any series, which is what Modalities in Study lists.
                case { Attribute.Value: Columns.ModalitiesInStudy or Columns.Modality, Match: Match.AnyOf any } when IsRanges(any):
                    modalities.Add([.. any.Values.Select(Ingest.Text.Clean).Distinct()]);
                    break;
                case { Attribute.Value: Columns.StudyDate or Columns.StudyTime }:
                    dates.Add(criterion);
                    break;
                default:
                    return null;
            }
        }
        var terms = names.SelectMany(name => Names.Terms(db, tenant, name)).ToList();
        return terms.Count + modalities.Count > 0 ? Compose(db, tenant, terms, modalities, dates) : null;
    }

    /// <summary>Whether study_modality has the matches as a few ranges.</summary>
    public static bool IsRanges(Match.AnyOf any) => any.Values.Count is > 0 and <= MaxRanges && any.Values.All(static value => value.Length > 0);

    private static IQueryable<ResultKey> Compose(
        IndexDb db, int tenant, List<IQueryable<StudyWordEntity>> terms, List<string[]> modalities, List<Criterion> dates)
    {
        // A study may have the name in two component groups, or two words with one beginning. Several words are sets to intersect, each read
        // once: as conditions on each other, the planner, which expects few of each, would read the second anew for each of the first.
        if (terms.Count > 0)
        {
            var words = terms.ConvertAll(term => Narrow(OfWords(term)));
            return words.Count == 1 ? words[0].Distinct() : words.Aggregate(Queryable.Intersect);
        }
        // The modalities of a list are ranges one after the other, in each the studies that are in none before it: the database merges them in order.
        var list = modalities[0];
        return list.Index().Select(item => Narrow(OfModality(db, tenant, item.Item, list[..item.Index]))).Aggregate(Queryable.Concat);

        IQueryable<ResultKey> Narrow(IQueryable<ResultKey> all)
        {
            all = dates.Aggregate(all, (found, criterion) => found.Where(criterion.Match is Match.Combined combined
                ? Predicates.OfDateTime(combined).On(Columns.Key[criterion.Attribute.Value], Columns.Key[combined.TimeAttribute.Value])
                : Predicates.OfText(db, criterion.Match).On(Columns.Key[criterion.Attribute.Value])));
            foreach (var any in modalities.Skip(terms.Count > 0 ? 0 : 1))
            {
                all = all.Where(key => db.StudyModalities.Any(row => row.TenantId == tenant && any.Contains(row.Modality)
                    && row.StudyDate == key.StudyDate && row.StudyTime == key.StudyTime && row.StudyUid == key.StudyUid));
            }
            return all;
        }
    }

    private static IQueryable<ResultKey> OfWords(IQueryable<StudyWordEntity> term) => term.Select(static row => new ResultKey
    {
        StudyDate = row.StudyDate, StudyTime = row.StudyTime, StudyUid = row.StudyUid,
    });

    private static IQueryable<ResultKey> OfModality(IndexDb db, int tenant, string modality, string[] before)
    {
        var rows = db.StudyModalities.Where(row => row.TenantId == tenant && row.Modality == modality);
        if (before.Length > 0)
        {
            rows = rows.Where(row => !db.StudyModalities.Any(other => other.TenantId == tenant && before.Contains(other.Modality)
                && other.StudyDate == row.StudyDate && other.StudyTime == row.StudyTime && other.StudyUid == row.StudyUid));
        }
        return rows.Select(static row => new ResultKey { StudyDate = row.StudyDate, StudyTime = row.StudyTime, StudyUid = row.StudyUid });
    }
}
