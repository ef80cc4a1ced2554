using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>Person name matching on the folded component groups and words of studies.</summary>
internal static class Names
{
    /// <summary>Words of a fuzzy query that are looked at.</summary>
    private const int MaxQueryWords = 8;

    public static IQueryable<StudyEntity> Apply(
        IndexDb db, int tenant, IQueryable<StudyEntity> studies, Match.Name match, NameKind groups, NameKind word)
    {
        var pattern = Text.Clean(match.Pattern);
        if (match.Fuzzy)
        {
            return PersonNameFold.Words(pattern).Take(MaxQueryWords)
                .Aggregate(studies, (all, start) => With(db, tenant, all, [(int)word], Predicates.Prefix(start)));
        }
        var parts = PersonNameFold.Groups(pattern);
        if (parts.Count == 1)
        {
            return Matches(db, tenant, studies, [(int)groups, (int)groups + 1, (int)groups + 2], parts[0]);
        }
        return parts.Index().Where(static part => part.Item.Length > 0)
            .Aggregate(studies, (all, part) => Matches(db, tenant, all, [(int)groups + part.Index], part.Item));
    }

    private static IQueryable<StudyEntity> Matches(IndexDb db, int tenant, IQueryable<StudyEntity> studies, int[] kinds, string pattern) =>
        pattern.Length == 0 || pattern.All(static sign => sign == '*') ? studies : With(db, tenant, studies, kinds, Predicates.Wildcard(pattern));

    private static IQueryable<StudyEntity> With(
        IndexDb db, int tenant, IQueryable<StudyEntity> studies, int[] kinds, System.Linq.Expressions.Expression<Func<string, bool>> condition)
    {
        var words = db.StudyWords.Where(word => word.TenantId == tenant && kinds.Contains(word.Kind))
            .Where(condition.On<StudyWordEntity, string>(static word => word.Fold)).Select(static word => word.StudyUid);
        return studies.Where(study => words.Contains(study.StudyUid));
    }
}
