namespace VnaCloud.EndToEnd.Tests.Plans;

/// <summary>How many pages a search may look at. A page counts as often as it is looked at, those of the visibility map too.</summary>
internal enum QueryClass
{
    /// <summary>A page of at most 100 rows whose keys lie together in one index: about 13 pages a row and level.</summary>
    Page,

    /// <summary>The same, and a count of at most 10,001 entries of that index, each with its page of the visibility map.</summary>
    CountedInIndex,

    /// <summary>The same, where each of the 10,001 is looked up in another table or index: five pages each.</summary>
    CountedByLookup,

    /// <summary>The order of answers is not that of the index: all that match are read, those of a prefix, and sorted.</summary>
    Matches,

    /// <summary>No index has the values in order: the entries of one are passed by, at most each once. Grows with the archive; a time limit ends it.</summary>
    Walk,
}

/// <summary>A search as a client sends it.</summary>
/// <param name="Path">Behind /dicom-web/.</param>
/// <param name="Class">What it may cost.</param>
/// <param name="FollowedTo">How many times rel="next" is followed before the plan is taken.</param>
internal sealed record CanonicalQuery(string Path, QueryClass Class, int FollowedTo = 0);

/// <summary>A study to take values from.</summary>
internal sealed record SampleStudy(
    string Uid, string Date, string Time, string Accession, string Patient, string PatientId, string Doctor, string StudyId, string BirthDate, string Step, string Procedure);

/// <summary>The searches that worklists, viewers, routers and people make: each standard key, each kind of matching, each way to page.</summary>
internal static class CanonicalQueries
{
    public static IReadOnlyList<CanonicalQuery> For(SampleStudy s, int studies) => [.. OfStudies(s), .. Paging(studies), .. OfSeries(s), .. OfInstances(s)];

    private static CanonicalQuery[] OfStudies(SampleStudy s) =>
    [
        new($"studies?PatientID={s.PatientId}", QueryClass.Page),
        new($"studies?PatientID={s.PatientId}&IssuerOfPatientID=HOSPITAL", QueryClass.Page),
        new($"studies?PatientID={s.PatientId[..^2]}*", QueryClass.Matches),
        new($"studies?AccessionNumber={s.Accession}", QueryClass.Page),
        new($"studies?AccessionNumber={s.Accession[..^1]}?", QueryClass.Page),
        new($"studies?StudyInstanceUID={s.Uid}", QueryClass.Page),
        new($"studies?StudyID={s.StudyId}", QueryClass.Page),
        new($"studies?PatientBirthDate={s.BirthDate}", QueryClass.Page),
        new($"studies?StudyDate={s.Date}&includefield=StudyDescription,PatientSex,NumberOfStudyRelatedInstances", QueryClass.CountedInIndex),
        new($"studies?StudyDate={s.Date[..6]}01-{s.Date[..6]}07", QueryClass.CountedInIndex),
        new($"studies?StudyDate={s.Date[..4]}0101-", QueryClass.CountedInIndex),
        new($"studies?StudyDate={s.Date}-{s.Date}&StudyTime=080000-120000", QueryClass.CountedInIndex),
        new("studies?StudyTime=080000-080500", QueryClass.Walk),
        new($"studies?PatientName={s.Patient}", QueryClass.CountedInIndex),
        new($"studies?PatientName={s.Patient[..3].ToLowerInvariant()}*", QueryClass.Matches),
        new($"studies?PatientName={s.Patient[..3]}*^{s.Patient.Split('^')[1][..2]}*", QueryClass.Matches),
        new($"studies?PatientName=*^{s.Patient.Split('^')[1]}", QueryClass.Walk),
        new($"studies?PatientName={s.Patient.Replace("^", "%20", StringComparison.Ordinal)}&fuzzymatching=true", QueryClass.Matches),
        new($"studies?ReferringPhysicianName={s.Doctor}", QueryClass.CountedInIndex),
        new("studies?ModalitiesInStudy=MR", QueryClass.CountedInIndex),
        new("studies?ModalitiesInStudy=PT,MG", QueryClass.Matches),
        new($"studies?ModalitiesInStudy=CT&StudyDate={s.Date[..6]}01-{s.Date[..6]}28", QueryClass.CountedInIndex),
        new($"studies?ModalitiesInStudy=CT&PatientName={s.Patient[..3]}*&StudyDate={s.Date[..4]}0101-{s.Date[..4]}1231", QueryClass.Matches),
        new($"studies?ModalitiesInStudy=US&PatientID={s.PatientId}", QueryClass.Page),
        new($"studies?StudyDescription=Knee*&StudyDate={s.Date[..6]}01-{s.Date[..6]}07", QueryClass.CountedInIndex),
        new($"studies?00400275.00401001={s.Procedure}", QueryClass.Page),
    ];

    private static CanonicalQuery[] Paging(int studies) =>
    [
        new("studies", QueryClass.Page),
        new("studies?limit=500", QueryClass.CountedInIndex),
        new($"studies?limit=50&offset={studies / 4}", QueryClass.Walk),
        new("studies?limit=50", QueryClass.Page, FollowedTo: 3),
        new("studies?ModalitiesInStudy=CT&limit=50", QueryClass.CountedInIndex, FollowedTo: 3),
    ];

    private static CanonicalQuery[] OfSeries(SampleStudy s) =>
    [
        new($"studies/{s.Uid}/series", QueryClass.Page),
        new($"series?SeriesInstanceUID={s.Uid}.1", QueryClass.Page),
        new($"series?Modality=MR&StudyDate={s.Date[..6]}01-{s.Date[..6]}07", QueryClass.CountedByLookup),
        new("series?Modality=MR", QueryClass.CountedByLookup),
        new($"series?00400275.00400009={s.Step}", QueryClass.Page),
        new($"series?PatientID={s.PatientId}&SeriesNumber=1", QueryClass.Page),
        new("series?limit=50", QueryClass.Page, FollowedTo: 2),
    ];

    private static CanonicalQuery[] OfInstances(SampleStudy s) =>
    [
        new($"studies/{s.Uid}/instances", QueryClass.Page),
        new($"studies/{s.Uid}/series/{s.Uid}.1/instances?InstanceNumber=1", QueryClass.Page),
        new($"instances?SOPInstanceUID={s.Uid}.1.1", QueryClass.Page),
        new($"instances?PatientID={s.PatientId}&SOPClassUID=1.2.840.10008.5.1.4.1.1.2,1.2.840.10008.5.1.4.1.1.4,1.2.840.10008.5.1.4.1.1.6.1", QueryClass.Page),
        new("instances?limit=50", QueryClass.Page, FollowedTo: 2),
    ];
}
