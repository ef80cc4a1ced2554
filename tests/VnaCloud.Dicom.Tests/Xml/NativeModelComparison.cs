using System.Globalization;

namespace VnaCloud.Dicom.Tests.Xml;

/// <summary>A data set as read from its file, against the same by way of XML. What may differ has a name and is counted.</summary>
internal sealed class NativeModelComparison
{
    public int Compared { get; private set; }

    public SortedDictionary<string, int> Used { get; } = [];

    /// <summary>DCMTK copies bytes of other character sets into a document that it calls UTF-8.</summary>
    public static bool IsUnreadable(DicomDataSet dataSet, byte[] xml) =>
        dataSet.Strings(DicomTags.SpecificCharacterSet).Any(term => term is not ("" or "ISO_IR 192" or "ISO_IR 6")) || !System.Text.Unicode.Utf8.IsValid(xml);

    public IEnumerable<string> Differences(DicomDataSet ours, DicomDataSet theirs)
    {
        foreach (var element in ours.Where(element => !element.Tag.IsGroupLength && element.Tag.Group is not (0 or 2 or 6 or 0xFFFE) && element.Tag != DicomTags.SpecificCharacterSet))
        {
            Compared++;
            if (theirs[element.Tag] is not { } other)
            {
                yield return $"{element.Tag} {element.Vr} is missing";
            }
            else if (element.Items is { } items && other.Items is { } others)
            {
                if (items.Count != others.Count)
                {
                    yield return $"{element.Tag} has {others.Count} items for {items.Count}";
                }
                foreach (var inner in items.Zip(others).SelectMany(pair => Differences(pair.First, pair.Second)))
                {
                    yield return $"{element.Tag} {inner}";
                }
            }
            else if (Difference(element, ours, other, theirs) is { } difference && !IsExplained(element, ours, other, theirs))
            {
                yield return difference;
            }
        }
    }

    private static string? Difference(DicomElement first, DicomDataSet ours, DicomElement second, DicomDataSet theirs)
    {
        if (first.Vr != second.Vr)
        {
            return $"{first.Tag} {first.Vr} became {second.Vr}";
        }
        if (first.IsLocatedOnly || first.Fragments is not null || first.Tag.IsPixelData)
        {
            return null; // bulk data on both sides
        }
        if (!first.Vr.IsText() && first.Vr.NumberSize() == 0)
        {
            var bytes = DataSetComparison.Normal(first, ours);
            return second.Value.Span.SequenceEqual(bytes) ? null : $"{first.Tag} {first.Vr} {first.Length} bytes became {second.Length} others";
        }
        var (left, right) = (Values(ours, first), Values(theirs, first));
        return left == right ? null : $"{first.Tag} {first.Vr} '{left}' became '{right}'";
    }

    private static string Values(DicomDataSet dataSet, DicomElement element) =>
        string.Join('\\', dataSet.Strings(element.Tag).Select(value => element.Vr == DicomVr.PN ? string.Join('=', value.Split('=').Select(group => group.TrimEnd('^', ' '))).TrimEnd('=') : value.TrimEnd(' ', '\0'))).TrimEnd('\\');

    private bool IsExplained(DicomElement first, DicomDataSet ours, DicomElement second, DicomDataSet theirs)
    {
        var (left, right) = (Values(ours, first), Values(theirs, first));
        var rule = first.Vr != second.Vr ? null
            : first.Vr.SwapUnit() > 1 && first.Vr.IsBinary() && ByteOrder.Swapped(second.Value.Span, first.Vr.SwapUnit()).AsSpan().SequenceEqual(DataSetComparison.Normal(first, ours)) ? "big-endian-words"
            : left == right ? null
            : first.Vr is DicomVr.FL or DicomVr.FD && IsNear(left, right) ? "last-digit"
            : first.Vr == DicomVr.PN && left.Split('=') is [_, var ideographic] && right == $"{left}={ideographic}" ? "repeated-group"
            : null;
        if (rule is not null)
        {
            Used[rule] = Used.GetValueOrDefault(rule) + 1;
        }
        return rule is not null;
    }

    private static bool IsNear(string left, string right)
    {
        var (a, b) = (left.Split('\\'), right.Split('\\'));
        return a.Length == b.Length && a.Zip(b).All(pair => double.TryParse(pair.First, CultureInfo.InvariantCulture, out var x) && double.TryParse(pair.Second, CultureInfo.InvariantCulture, out var y)
            && Math.Abs(x - y) <= 4e-16 * Math.Abs(x));
    }
}
