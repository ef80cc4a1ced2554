using System.Globalization;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>Generated studies.</summary>
internal static class Patients
{
    private const string Root = "1.2.826.0.1.3680043.10.7.200";

    private static int _studies;

    /// <summary>A UID that no other test has.</summary>
    public static string NewStudyUid() => string.Create(CultureInfo.InvariantCulture, $"{Root}.{Interlocked.Increment(ref _studies)}");

    /// <summary>One instance of a study of its own.</summary>
    public static InstanceSpec Single(string name)
    {
        var study = NewStudyUid();
        return new InstanceSpec(study, $"{study}.1", $"{study}.1.1") { PatientName = name, PatientId = $"ID-{study[(Root.Length + 1)..]}" };
    }

    public static LocalFile File(InstanceSpec spec) => new($"{spec.Sop}.dcm", Instances.File(spec));

    /// <summary>A study of two series: three slices, and one object of four frames.</summary>
    public static List<LocalFile> Study(string name)
    {
        var study = NewStudyUid();
        var slice = new InstanceSpec(study, $"{study}.1", $"{study}.1.1")
        {
            PatientName = name, PatientId = $"ID-{study[(Root.Length + 1)..]}", StudyDescription = "CT chest with contrast", AccessionNumber = "ACC-2201",
        };
        var frames = slice with { Series = $"{study}.2", Sop = $"{study}.2.1", SeriesNumber = 2, Frames = 4, Rows = 64, Columns = 48 };
        return
        [
            .. Enumerable.Range(1, 3).Select(i => File(slice with { Sop = string.Create(CultureInfo.InvariantCulture, $"{study}.1.{i}"), InstanceNumber = i })),
            File(frames),
        ];
    }
}
