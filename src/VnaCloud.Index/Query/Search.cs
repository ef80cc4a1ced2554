using Microsoft.EntityFrameworkCore;
using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>A search: first the keys of the page, from the indexes alone where that is possible, then the rows that they name.</summary>
internal static class Search
{
    /// <summary>Matches that are counted; beyond, the total is a lower bound.</summary>
    public const int MaxCounted = 10_000;

    public static SearchPage Run(IndexDb db, SearchRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        var keys = KeyQuery.Compose(db, request);
        var page = request.Cursor is { } cursor
            ? Following(keys, request, Cursor.Read(request.Level, cursor))
            : KeyQuery.InOrder(keys, request.Level).Skip(request.Offset).Take(request.Limit + 1).ToList();
        var hasMore = page.Count > request.Limit;
        if (hasMore)
        {
            page.RemoveAt(request.Limit);
        }
        var (total, isLowerBound) = Total(db, request, keys, page.Count, hasMore);
        return new SearchPage(ResultLoader.Load(db, request, page), total, isLowerBound, hasMore ? Cursor.Write(request.Level, page[^1]) : null);
    }

    private static List<ResultKey> Following(IQueryable<ResultKey> keys, SearchRequest request, ResultKey last)
    {
        var page = new List<ResultKey>();
        foreach (var piece in KeyQuery.After(keys, request, last))
        {
            page.AddRange(KeyQuery.InOrder(piece, request.Level).Take(request.Limit + 1 - page.Count));
            if (page.Count > request.Limit)
            {
                break;
            }
        }
        return page;
    }

    private static (long Total, bool IsLowerBound) Total(IndexDb db, SearchRequest request, IQueryable<ResultKey> keys, int found, bool hasMore)
    {
        if (request.Criteria.Count == 0)
        {
            return (Counters.Total(db, request), false);
        }
        if (request.Cursor is null && !hasMore && (found > 0 || request.Offset == 0))
        {
            return (request.Offset + found, false);
        }
        var counted = keys.Take(MaxCounted + 1).Count();
        return counted <= MaxCounted ? (counted, false) : (Math.Max(MaxCounted, request.Offset + found), true);
    }
}
