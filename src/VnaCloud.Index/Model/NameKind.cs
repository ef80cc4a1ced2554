namespace VnaCloud.Index.Model;

/// <summary>What a study_word row holds. The three component groups of a name follow each other.</summary>
internal enum NameKind
{
    PatientAlphabetic = 0,
    PatientIdeographic = 1,
    PatientPhonetic = 2,
    PatientWord = 3,
    ReferringAlphabetic = 4,
    ReferringIdeographic = 5,
    ReferringPhonetic = 6,
    ReferringWord = 7,
}

/// <summary>What a change row says.</summary>
internal enum ChangeKind
{
    Create = 0,
    Update = 1,
    Delete = 2,
    Restore = 3,
}
