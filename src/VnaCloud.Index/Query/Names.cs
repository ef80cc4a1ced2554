using System.Linq.Expressions;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>Person name matching on the folded component groups and words of studies.</summary>
internal static class Names
{
    /// <summary>Words of a fuzzy query that are looked at.</summary>
    private const int MaxQueryWords = 8;

    /// <summary>
    /// The study_word rows of which a study must have one from each query; none when every name matches. The first one is likely to have
    /// the fewest rows.
    /// </summary>
    public static List<IQueryable<StudyWordEntity>> Terms(IndexDb db, int tenant, Criterion criterion)
    {
        var isPatient = criterion.Attribute.Value == Columns.PatientName;
        var (groups, word) = isPatient ? (NameKind.PatientAlphabetic, NameKind.PatientWord) : (NameKind.ReferringAlphabetic, NameKind.ReferringWord);
        var match = (Match.Name)criterion.Match;
        var pattern = Text.Clean(match.Pattern);
        if (match.Fuzzy)
        {
            return [.. PersonNameFold.Words(pattern).Take(MaxQueryWords).OrderByDescending(static start => start.Length)
                .Select(start => Rows(db, tenant, [(int)word], Predicates.Prefix(start)))];
        }
        var parts = PersonNameFold.Groups(pattern);
        if (parts.Count == 1)
        {
            return IsUniversal(parts[0]) ? [] : [Rows(db, tenant, [(int)groups, (int)groups + 1, (int)groups + 2], Predicates.Wildcard(db, parts[0]))];
        }
        return [.. parts.Index().Where(static part => !IsUniversal(part.Item))
            .Select(part => Rows(db, tenant, [(int)groups + part.Index], Predicates.Wildcard(db, part.Item)))];
    }

    private static bool IsUniversal(string pattern) => pattern.All(static sign => sign == '*');

    private static IQueryable<StudyWordEntity> Rows(IndexDb db, int tenant, int[] kinds, Expression<Func<string, bool>> condition)
    {
        var only = kinds[0];
        var rows = db.StudyWords.Where(row => row.TenantId == tenant);
        rows = kinds.Length == 1 ? rows.Where(row => row.Kind == only) : rows.Where(row => kinds.Contains(row.Kind));
        return rows.Where(condition.On<StudyWordEntity, string>(static row => row.Fold));
    }
}
