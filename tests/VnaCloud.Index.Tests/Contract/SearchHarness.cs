using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>Short forms of criteria and answers.</summary>
internal static class SearchHarness
{
    public static Criterion Any(uint tag, params string[] values) => new(new DicomTag(tag), new Match.AnyOf(values));

    public static Criterion Wild(uint tag, string pattern) => new(new DicomTag(tag), new Match.Wildcard(pattern));

    public static Criterion Name(string pattern, bool fuzzy = false, uint tag = 0x0010_0010) => new(new DicomTag(tag), new Match.Name(pattern, fuzzy));

    public static Criterion Range(uint tag, string? from, string? to) => new(new DicomTag(tag), new Match.Range(from, to));

    public static Criterion Empty(uint tag) => new(new DicomTag(tag), new Match.Empty());

    /// <summary>The numbers of the studies found, in the order of the answer.</summary>
    public static async Task<string> StudiesAsync(this IndexHarness harness, params IReadOnlyList<Criterion> criteria)
    {
        var page = await harness.SearchAsync(QueryLevel.Study, criteria);
        Assert.Equal(page.Rows.Count, page.Total);
        return string.Join(' ', page.Rows.Select(static row => row.Study.StudyUid["1.2.3.".Length..]));
    }

    /// <summary>The same, sorted.</summary>
    public static async Task<string> SortedStudiesAsync(this IndexHarness harness, params IReadOnlyList<Criterion> criteria) =>
        string.Join(' ', (await harness.StudiesAsync(criteria)).Split(' ').Order(StringComparer.Ordinal));

    /// <summary>The UIDs of series or instances found, without the common beginning.</summary>
    public static async Task<string> LowerAsync(this IndexHarness harness, QueryLevel level, params IReadOnlyList<Criterion> criteria) => string.Join(' ',
        (await harness.SearchAsync(level, criteria)).Rows.Select(row => (row.Instance?.Key.SopUid ?? row.Series!.SeriesUid)["1.2.3.".Length..]));
}
