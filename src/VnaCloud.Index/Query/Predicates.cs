using System.Linq.Expressions;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>
/// Matches as conditions on one column. Values are captured variables, which EF makes parameters of: nothing a client sent is ever part
/// of a statement's text.
/// </summary>
internal static class Predicates
{
    /// <summary>The condition on a text column.</summary>
    public static Expression<Func<string, bool>> OfText(IndexDb db, Match match) => match switch
    {
        Match.AnyOf any => AnyOf(any.Values),
        Match.Wildcard wildcard => Wildcard(db, Text.Clean(wildcard.Pattern)),
        Match.Range range => Range(range.From, range.To),
        Match.Empty => static value => value == "",
        _ => throw new ArgumentException($"{match.GetType().Name} does not match this attribute.", nameof(match)),
    };

    /// <summary>The condition on a number; a query value that is no number matches nothing.</summary>
    public static Expression<Func<int?, bool>> OfNumber(Match match)
    {
        if (match is Match.Empty)
        {
            return static value => value == null;
        }
        var numbers = match is Match.AnyOf any
            ? any.Values.Select(Text.NumberOrder).Where(static number => number is >= int.MinValue and <= int.MaxValue).Select(static number => (int?)number).ToArray()
            : throw new ArgumentException($"{match.GetType().Name} does not match a number.", nameof(match));
        if (numbers.Length == 1)
        {
            var only = numbers[0];
            return value => value == only;
        }
        return value => numbers.Contains(value);
    }

    /// <summary>The condition on the numeric value of a number string (IS); null where the match has to be made on its text.</summary>
    public static Expression<Func<long, bool>>? OfOrder(Match match)
    {
        if (match is not Match.AnyOf any)
        {
            return null;
        }
        var numbers = any.Values.Select(Text.NumberOrder).ToArray();
        return numbers.Contains(Text.NoNumber) ? null : value => numbers.Contains(value);
    }

    /// <summary>The condition on a date and a time column together (PS3.4 C.2.2.2.5.2); bounds are prefixes of YYYYMMDDHHMMSS.</summary>
    public static Expression<Func<string, string, bool>> OfDateTime(Match.Combined match)
    {
        const int DateLength = 8;
        var (fromDate, fromTime) = Split(match.From);
        var (toDate, toTime) = Split(match.To);
        var (beyondDate, beyondTime) = (OrdinalRange.After(toDate) ?? OrdinalRange.Largest, OrdinalRange.After(toTime) ?? OrdinalRange.Largest);
        return (date, time) => date != ""
            && string.Compare(date, fromDate) >= 0 && (fromTime == "" || date != fromDate || string.Compare(time, fromTime) >= 0)
            && (toDate == "" || string.Compare(date, beyondDate) < 0)
            && (toTime == "" || date != toDate || string.Compare(time, beyondTime) < 0);

        static (string Date, string Time) Split(string? bound) => bound is null ? ("", "")
            : bound.Length <= DateLength ? (bound, "") : (bound[..DateLength], bound[DateLength..]);
    }

    /// <summary>A wildcard pattern: one of no wildcards is equality, one with a '*' at its end alone is a range of the index.</summary>
    public static Expression<Func<string, bool>> Wildcard(IndexDb db, string pattern)
    {
        var first = pattern.AsSpan().IndexOfAny('*', '?');
        if (first < 0)
        {
            return value => value == pattern;
        }
        var prefix = pattern[..first];
        if (pattern.AsSpan(first).TrimStart('*').IsEmpty)
        {
            return Prefix(prefix);
        }
        var matches = db.Matches(pattern);
        return prefix.Length == 0 ? matches : Prefix(prefix).And(matches);
    }

    /// <summary>Values that begin with a prefix, as a range, which an index serves; LIKE would not be served, nor be case-sensitive.</summary>
    public static Expression<Func<string, bool>> Prefix(string prefix)
    {
        if (OrdinalRange.After(prefix) is not { } beyond)
        {
            return value => string.Compare(value, prefix) >= 0;
        }
        return value => string.Compare(value, prefix) >= 0 && string.Compare(value, beyond) < 0;
    }

    private static Expression<Func<string, bool>> AnyOf(IReadOnlyList<string> values)
    {
        if (values.Count == 1)
        {
            var only = Text.Clean(values[0]);
            return value => value == only;
        }
        var all = values.Select(Text.Clean).ToArray();
        return value => all.Contains(value);
    }

    // A bound of less precision stands for all values that begin with it: 2024 as upper bound includes 20241231.
    private static Expression<Func<string, bool>> Range(string? from, string? to)
    {
        if (to is null || OrdinalRange.After(to) is not { } beyond)
        {
            return value => value != "" && string.Compare(value, from ?? "") >= 0;
        }
        return from is null
            ? value => value != "" && string.Compare(value, beyond) < 0
            : value => string.Compare(value, from) >= 0 && string.Compare(value, beyond) < 0;
    }
}
