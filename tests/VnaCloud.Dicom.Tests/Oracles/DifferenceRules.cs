namespace VnaCloud.Dicom.Tests.Oracles;

/// <summary>One way in which an oracle may differ from us; why we are right stands in docs/conformance.md under the same name.</summary>
internal sealed record DifferenceRule(string Id, string Oracle, Func<Difference, bool> Covers)
{
    public bool Explains(Difference difference) => difference.Oracle == Oracle && Covers(difference);
}

internal static class DifferenceRules
{
    private const string Dcm2json = "dcm2json";
    private const string Pydicom = "pydicom";
    private const uint PixelData = 0x7FE0_0010;

    public static IReadOnlyList<DifferenceRule> All { get; } =
    [
        new("group-lengths", Pydicom, d => d.Kind == DifferenceKind.OnlyTheirs && d.Tag.IsGroupLength),
        new("private-vr", Pydicom, d => d.Kind == DifferenceKind.Vr && d.Tag.IsPrivate && (d.OurVr == "UN" || d.TheirVr == "UN")),
        new("empty-value", Pydicom, d => IsText(d) && d.Ours.Split('|').Select(value => value == "null" ? "" : value).SequenceEqual(d.Theirs.Split('|'))),
        new("padding-inside", Pydicom, d => IsText(d) && d.Ours.Split('|').SequenceEqual(d.Theirs.Split('|').Select(value => value.TrimEnd(' ')))),
        new("big-endian-words", Pydicom, d => d is { Kind: DifferenceKind.Value, OurVr: "OW" }),
        new("source-character-set", Dcm2json, d => d.Tag == DicomTags.SpecificCharacterSet && d is { Kind: DifferenceKind.Value, Theirs: "ISO_IR 192" }),
        new("unreadable-character-set", Dcm2json, d => d.Tag == DicomTags.SpecificCharacterSet && d.Kind == DifferenceKind.NoAnswer),
        new("bytes-above-7f", Dcm2json, d => IsText(d) && d.OurVr == "CS" && d.Theirs.Contains('\uFFFD', StringComparison.Ordinal)),
        new("name-carets", Dcm2json, d => d is { Kind: DifferenceKind.Value, OurVr: "PN" } && WithoutCarets(d.Ours) == WithoutCarets(d.Theirs)),
        new("compressed-pixel-data", Dcm2json, d => d.Kind == DifferenceKind.OnlyOurs && (d.Tag.Value == PixelData || IsAfterPixelData(d))),
        new("words-of-32-bits", Dcm2json, d => d.Tag == DicomTags.PixelData && d is { Kind: DifferenceKind.Value, OurVr: "OW" }),
        new("only-padding", Dcm2json, d => d is { Kind: DifferenceKind.Value, OurVr: "ST" or "LT", Ours: "", Theirs: "null" }),
        new("nul-padding", Dcm2json, d => IsText(d) && d.Theirs == d.Ours + '\0'),
        new("last-digit", Dcm2json, d => d is { Kind: DifferenceKind.Value, OurVr: "FL" or "FD" } && IsLastDigit(d)),
    ];

    private static bool IsText(Difference difference) =>
        difference.Kind == DifferenceKind.Value && Enum.TryParse<DicomVr>(difference.OurVr, out var vr) && vr.IsText();

    private static string WithoutCarets(string name) => name.Replace("^}", "}", StringComparison.Ordinal) is var shorter && shorter != name
        ? WithoutCarets(shorter) : name is "{Alphabetic:}" ? "" : name;

    // dcm2json breaks off at the first compressed pixel data, which in one file is an icon's.
    private static bool IsAfterPixelData(Difference difference) => difference.Tag.Value > PixelData || difference.Tag.Group == 0x6000;

    private static bool IsLastDigit(Difference difference)
    {
        var ours = difference.Ours.Split('|');
        var theirs = difference.Theirs.Split('|');
        return ours.Length == theirs.Length && ours.Zip(theirs).All(pair => Near(pair.First, pair.Second));
    }

    private static bool Near(string left, string right)
    {
        var (a, b) = (double.Parse(left, System.Globalization.CultureInfo.InvariantCulture), double.Parse(right, System.Globalization.CultureInfo.InvariantCulture));
        return Math.Abs(a - b) <= 4e-16 * Math.Abs(a);
    }
}
