using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>Values of untrusted data sets within the limits of a page.</summary>
internal static class ReportData
{
    private static readonly string[] TooLong = ["\u2026"];

    /// <summary>The first value, or the empty string.</summary>
    public static string Text(this DicomDataSet data, DicomTag tag) => data.Values(tag) is [var first, ..] ? first : "";

    /// <summary>All values; of an element that is too long an ellipsis, which a reader sees wherever the value would be.</summary>
    public static IReadOnlyList<string> Values(this DicomDataSet data, DicomTag tag) => data.IsTooLong(tag) ? TooLong : data.Strings(tag);

    /// <summary>The element has a value, and it is longer than a page shows.</summary>
    public static bool IsTooLong(this DicomDataSet data, DicomTag tag) =>
        data[tag] is { IsLocatedOnly: true } or { Length: > ReportLimits.ValueBytes };

    /// <summary>The first values of a list that may be long.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="tag">The element.</param>
    /// <param name="most">How many are wanted.</param>
    /// <param name="count">How many there are.</param>
    public static IReadOnlyList<string> FirstValues(this DicomDataSet data, DicomTag tag, int most, out int count)
    {
        var element = data[tag];
        var size = element?.Vr.NumberSize() ?? 0;
        if (element is null or { IsLocatedOnly: true } || size == 0)
        {
            var values = data.Values(tag);
            count = values.Count;
            return [.. values.Take(most)];
        }
        count = element.Value.Length / size;
        // A region of a million points is not turned into strings to show a few of them.
        var head = element.Value[..(Math.Min(count, most) * size)];
        return new DicomDataSet().Set(new DicomElement(tag, element.Vr, head, element.IsBigEndian)).Strings(tag);
    }
}
