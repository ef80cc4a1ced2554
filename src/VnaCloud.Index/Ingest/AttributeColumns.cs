using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>A text attribute: its tag, its column, how to read it.</summary>
internal sealed record AttributeColumn<T>(string Tag, string Column, Func<T, string> Get);

/// <summary>The attributes that studies and series take from their instances, one row each.</summary>
internal static class AttributeColumns
{
    public static readonly IReadOnlyList<AttributeColumn<StudyAttributes>> Study =
    [
        new("00080020", "study_date", static a => a.StudyDate),
        new("00080030", "study_time", static a => a.StudyTime),
        new("00080050", "accession_number", static a => a.AccessionNumber),
        new("00080090", "referring_physician_name", static a => a.ReferringPhysicianName),
        new("00081030", "study_description", static a => a.StudyDescription),
        new("00200010", "study_id", static a => a.StudyId),
        new("00080201", "timezone_offset", static a => a.TimezoneOffset),
        new("00100010", "patient_name", static a => a.PatientName),
        new("00100020", "patient_id", static a => a.PatientId),
        new("00100021", "issuer_of_patient_id", static a => a.IssuerOfPatientId),
        new("00100030", "patient_birth_date", static a => a.PatientBirthDate),
        new("00100040", "patient_sex", static a => a.PatientSex),
    ];

    public static readonly IReadOnlyList<AttributeColumn<SeriesAttributes>> Series =
    [
        new("00080060", "modality", static a => a.Modality),
        new("00200011", "series_number", static a => a.SeriesNumber),
        new("0008103E", "series_description", static a => a.SeriesDescription),
        new("00180015", "body_part_examined", static a => a.BodyPartExamined),
        new("00080080", "institution_name", static a => a.InstitutionName),
        new("00081010", "station_name", static a => a.StationName),
        new("00400244", "performed_procedure_step_start_date", static a => a.PerformedProcedureStepStartDate),
        new("00400245", "performed_procedure_step_start_time", static a => a.PerformedProcedureStepStartTime),
    ];

    public static StudyAttributes StudyOf(IReadOnlyDictionary<string, string> values)
    {
        string Of(string tag) => values.GetValueOrDefault(tag, "");
        return new StudyAttributes
        {
            StudyDate = Of("00080020"), StudyTime = Of("00080030"), AccessionNumber = Of("00080050"),
            ReferringPhysicianName = Of("00080090"), StudyDescription = Of("00081030"), StudyId = Of("00200010"),
            TimezoneOffset = Of("00080201"), PatientName = Of("00100010"), PatientId = Of("00100020"), IssuerOfPatientId = Of("00100021"),
            PatientBirthDate = Of("00100030"), PatientSex = Of("00100040"),
        };
    }

    public static SeriesAttributes SeriesOf(IReadOnlyDictionary<string, string> values, IReadOnlyList<RequestAttributes> requests)
    {
        string Of(string tag) => values.GetValueOrDefault(tag, "");
        return new SeriesAttributes
        {
            Modality = Of("00080060"), SeriesNumber = Of("00200011"), SeriesDescription = Of("0008103E"), BodyPartExamined = Of("00180015"),
            InstitutionName = Of("00080080"), StationName = Of("00081010"), PerformedProcedureStepStartDate = Of("00400244"),
            PerformedProcedureStepStartTime = Of("00400245"), Requests = requests,
        };
    }

    /// <summary>For each attribute the first value that is not empty; <paramref name="sets"/> in order of origin, the smallest first.</summary>
    public static StudyAttributes FirstOfStudy(IReadOnlyList<AttributeSet> sets) =>
        StudyOf(First(Study, sets.Select(static set => set.Study)));

    /// <inheritdoc cref="FirstOfStudy"/>
    public static SeriesAttributes FirstOfSeries(IReadOnlyList<AttributeSet> sets) =>
        SeriesOf(First(Series, sets.Select(static set => set.Series)),
            sets.FirstOrDefault(static set => set.Series.Requests.Count > 0)?.Series.Requests ?? []);

    private static Dictionary<string, string> First<T>(IReadOnlyList<AttributeColumn<T>> columns, IEnumerable<T> values)
    {
        var missing = columns.ToList();
        var first = new Dictionary<string, string>();
        foreach (var value in values)
        {
            missing.RemoveAll(column => column.Get(value) is { Length: > 0 } text && first.TryAdd(column.Tag, text));
            if (missing.Count == 0)
            {
                break;
            }
        }
        return first;
    }
}
