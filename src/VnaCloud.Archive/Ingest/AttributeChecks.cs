using System.Globalization;
using System.Text.Unicode;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Checks on values that the index relies on; a bad one is stored and told of, never refused.</summary>
internal static class AttributeChecks
{
    private static readonly DicomTag[] Dates =
        [DicomTags.StudyDate, DicomTags.PatientBirthDate, DicomTags.SeriesDate, DicomTags.PerformedProcedureStepStartDate];

    private static readonly DicomTag[] Times = [DicomTags.StudyTime, DicomTags.PerformedProcedureStepStartTime];

    private static readonly DicomTag[] Integers = [DicomTags.SeriesNumber, DicomTags.InstanceNumber];

    public static IReadOnlyList<InvalidAttribute> Find(DicomDataSet dataSet)
    {
        List<InvalidAttribute>? found = null;
        Check(dataSet, Dates, IsDate, "is not a date as DA has them, YYYYMMDD", ref found);
        Check(dataSet, Times, IsTime, "is not a time as TM has them, HHMMSS.FFFFFF", ref found);
        Check(dataSet, Integers, value => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _), "is not an integer string", ref found);
        return found ?? (IReadOnlyList<InvalidAttribute>)[];
    }

    /// <summary>Text declared as UTF-8 that is not (PS3.5 section 6.1.2.3 lets nothing else stand).</summary>
    public static bool HasInvalidText(DicomDataSet dataSet) =>
        dataSet.CharacterSet.Terms is ["ISO_IR 192"] && dataSet.Any(element => element.Vr.UsesCharacterSet() && !Utf8.IsValid(element.Value.Span));

    private static void Check(DicomDataSet dataSet, DicomTag[] tags, Func<string, bool> isValid, string comment, ref List<InvalidAttribute>? found)
    {
        foreach (var tag in tags)
        {
            if (dataSet.String(tag) is { Length: > 0 } value && !isValid(value))
            {
                (found ??= []).Add(new InvalidAttribute(tag, $"{tag} {DicomDictionary.Find(tag)?.Keyword} {comment}."));
            }
        }
    }

    // The dotted form of ACR-NEMA is still met (PS3.5 section 6.2, note on DA).
    private static bool IsDate(string value) =>
        DateOnly.TryParseExact(value, ["yyyyMMdd", "yyyy.MM.dd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsTime(string value)
    {
        var digits = value.Replace(":", "", StringComparison.Ordinal);
        var dot = digits.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? digits : digits[..dot];
        return whole.Length is 2 or 4 or 6 && whole.All(char.IsAsciiDigit) && (dot < 0 || (whole.Length == 6 && digits.Length - dot is > 1 and <= 7 && digits[(dot + 1)..].All(char.IsAsciiDigit)))
            && int.Parse(whole[..2], CultureInfo.InvariantCulture) < 24
            && (whole.Length < 4 || int.Parse(whole[2..4], CultureInfo.InvariantCulture) < 60)
            && (whole.Length < 6 || int.Parse(whole[4..6], CultureInfo.InvariantCulture) <= 60);
    }
}
