namespace VnaCloud.Dicom.Tests;

/// <summary>Data sets are equal when tags, VRs and bytes are, whatever the byte order and the lengths of sequences were.</summary>
internal static class DataSetComparison
{
    /// <summary>Where two data sets differ first, or null.</summary>
    /// <param name="expected">What was written or read whole.</param>
    /// <param name="actual">What came out.</param>
    /// <param name="vrs">False where an implicit encoding lay between, which does not carry VRs.</param>
    public static string? FirstDifference(DicomDataSet expected, DicomDataSet actual, bool vrs = true)
    {
        var left = expected.Where(IsKept).ToList();
        var right = actual.Where(IsKept).ToList();
        foreach (var (first, second) in left.Zip(right))
        {
            if (first.Tag != second.Tag)
            {
                return $"{first.Tag} became {second.Tag}";
            }
            if (Difference(first, expected, second, actual, vrs) is { } difference)
            {
                return $"{first.Tag} {difference}";
            }
        }
        return left.Count == right.Count ? null : $"{left.Count} elements became {right.Count}";
    }

    /// <summary>Value bytes in little endian, padded to even length.</summary>
    public static ReadOnlySpan<byte> Normal(DicomElement element, DicomDataSet dataSet)
    {
        var unit = element.Tag.IsPixelData ? PixelByteOrder.SwapUnit(dataSet) : element.Vr.SwapUnit();
        var bytes = element.IsBigEndian && unit > 1 ? ByteOrder.Swapped(element.Value.Span, unit) : element.Value.Span;
        return bytes.Length % 2 == 0 ? bytes : (byte[])[.. bytes, element.Vr.Padding()];
    }

    // Group lengths are not written again (PS3.5 section 7.2), nor stray delimiters.
    private static bool IsKept(DicomElement element) => !element.Tag.IsGroupLength && element.Tag.Group != 0xFFFE;

    private static string? Difference(DicomElement first, DicomDataSet expected, DicomElement second, DicomDataSet actual, bool vrs)
    {
        if (vrs && first.Vr != second.Vr && !IsTooLong(first))
        {
            return $"{first.Vr} became {second.Vr}";
        }
        if (first.Items is { } items && second.Items is { } others)
        {
            return items.Count != others.Count ? $"{items.Count} items became {others.Count}"
                : items.Zip(others).Select(pair => FirstDifference(pair.First, pair.Second, vrs)).FirstOrDefault(difference => difference is not null);
        }
        if (first.Fragments is { } pixels)
        {
            return second.Fragments is { } copies && Same(pixels, copies) ? null : "fragments differ";
        }
        if (!vrs && (first.Items is null) != (second.Items is null))
        {
            // Without VRs in the stream, the dictionary says whether these bytes are items.
            return DicomDictionary.VrOf(first.Tag, expected.PrivateCreatorOf(first.Tag)) == first.Vr ? "items became bytes or bytes items" : null;
        }
        return Normal(first, expected).SequenceEqual(Normal(second, actual)) ? null : $"{first.Length} bytes became {second.Length} others";
    }

    // A value too long for its VR's 16-bit length becomes UN (PS3.5 section 6.2.2).
    private static bool IsTooLong(DicomElement element) => !element.Vr.HasLongLength() && element.Length > ushort.MaxValue;

    private static bool Same(EncapsulatedPixelData left, EncapsulatedPixelData right) =>
        left.BasicOffsetTable.SequenceEqual(right.BasicOffsetTable) && left.Fragments.Count == right.Fragments.Count
        && (left.Values is null || left.Values.Zip(right.Values!).All(pair => SameFragment(pair.First.Span, pair.Second.Span)));

    private static bool SameFragment(ReadOnlySpan<byte> written, ReadOnlySpan<byte> read) =>
        read.StartsWith(written) && read.Length == written.Length + written.Length % 2;
}
