using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>What is written into a picture (PS3.18 8.3.5.1.1): who it is of, and by what technique it was made.</summary>
[Flags]
public enum Annotations
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Patient's name, ID, sex, birth date.</summary>
    Patient = 1,

    /// <summary>Date and time, modality and station, series, image and frame numbers, position and technique.</summary>
    Technique = 2,
}

/// <summary>The lines of annotations. What an image does not say is left out.</summary>
internal static class AnnotationText
{
    /// <summary>Who it is of.</summary>
    public static IReadOnlyList<string> Patient(DicomDataSet data) => Lines(
        Name(data.String(DicomTags.PatientName)),
        Labelled("ID", Text(data, DicomTags.PatientID)),
        Joined(Text(data, DicomTags.PatientSex), Labelled("born", Date(Text(data, DicomTags.PatientBirthDate)))));

    /// <summary>How it was made.</summary>
    /// <param name="data">The instance's header.</param>
    /// <param name="frame">Number of the frame, from 0.</param>
    /// <param name="frames">How many there are.</param>
    public static IReadOnlyList<string> Technique(DicomDataSet data, int frame, int frames)
    {
        string Number(DicomTag tag, DicomTag macro = default, DicomTag inMacro = default) =>
            (data.Real(tag) ?? (macro == default ? null : data.FunctionalGroup(frame, macro)?.Real(inMacro)))?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";
        return Lines(
            Joined(Date(Text(data, DicomTags.StudyDate)), Time(Text(data, DicomTags.StudyTime))),
            Joined(Text(data, DicomTags.Modality), Text(data, DicomTags.StationName)),
            Joined(Labelled("Se", Text(data, DicomTags.SeriesNumber)), Labelled("Im", Text(data, DicomTags.InstanceNumber)), frames > 1 ? $"Fr {frame + 1}/{frames}" : ""),
            Text(data, DicomTags.SeriesDescription),
            Joined(Laterality(data), Text(data, DicomTags.ViewPosition)),
            Joined(Measured(Number(DicomTags.SliceThickness, DicomTags.PixelMeasuresSequence, DicomTags.SliceThickness), "mm"), Labelled("at", Position(data, frame))),
            Joined(
                Measured(Number(DicomTags.KVP, DicomTags.CTXRayDetailsSequence, DicomTags.KVP), "kVp"),
                Measured(Number(DicomTags.XRayTubeCurrent, DicomTags.CTExposureSequence, DicomTags.XRayTubeCurrentInmA), "mA"),
                Measured(Number(DicomTags.Exposure), "mAs")),
            Joined(
                Labelled("TR", Number(DicomTags.RepetitionTime, DicomTags.MRTimingAndRelatedParametersSequence, DicomTags.RepetitionTime)),
                Labelled("TE", Number(DicomTags.EchoTime, DicomTags.MREchoSequence, DicomTags.EffectiveEchoTime)),
                Measured(Number(DicomTags.MagneticFieldStrength), "T")));
    }

    // The alphabetic group, or the first that there is (PS3.5 6.2.1.2): family name, the others as they are spoken.
    private static string Name(string name)
    {
        var group = Array.Find(name.Split('='), static group => group.Trim(' ', '^').Length > 0) ?? "";
        var parts = Array.ConvertAll(group.Split('^'), static part => part.Trim());
        var given = string.Join(' ', parts.Skip(1).Take(2).Concat(parts.Skip(4)).Where(static part => part.Length > 0));
        return string.Join(", ", ((string[])[parts[0], given]).Where(static part => part.Length > 0));
    }

    private static string Laterality(DicomDataSet data) => Text(data, DicomTags.ImageLaterality) is { Length: > 0 } image ? image : Text(data, DicomTags.Laterality);

    // Slice Location, or the patient's coordinates of the first pixel.
    private static string Position(DicomDataSet data, int frame)
    {
        if (data.Real(DicomTags.SliceLocation) is { } location)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{location:0.#} mm");
        }
        var holder = data[DicomTags.ImagePositionPatient] is not null ? data : data.FunctionalGroup(frame, DicomTags.PlanePositionSequence);
        return holder?.Real(DicomTags.ImagePositionPatient) is { } x && holder.Real(DicomTags.ImagePositionPatient, 1) is { } y && holder.Real(DicomTags.ImagePositionPatient, 2) is { } z
            ? string.Create(CultureInfo.InvariantCulture, $"{x:0.#}, {y:0.#}, {z:0.#} mm") : "";
    }

    private static string Date(string date) => date.Length == 8 && date.All(char.IsAsciiDigit) ? $"{date[..4]}-{date[4..6]}-{date[6..]}" : date;

    private static string Time(string time) => time.Length >= 4 && time[..4].All(char.IsAsciiDigit) ? $"{time[..2]}:{time[2..4]}" : "";

    private static string Text(DicomDataSet data, DicomTag tag) => data.String(tag).Trim(' ', '\0');

    private static string Labelled(string label, string value) => value.Length > 0 ? $"{label} {value}" : "";

    private static string Measured(string value, string unit) => value.Length > 0 ? $"{value} {unit}" : "";

    private static string Joined(params ReadOnlySpan<string> parts)
    {
        var joined = "";
        foreach (var part in parts)
        {
            joined = joined.Length == 0 ? part : part.Length == 0 ? joined : $"{joined}  {part}";
        }
        return joined;
    }

    private static string[] Lines(params string[] lines) => Array.FindAll(lines, static line => line.Length > 0);
}
