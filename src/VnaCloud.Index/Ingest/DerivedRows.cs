using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Ingest;

/// <summary>A row of study_word, without its study.</summary>
internal readonly record struct WordRow(NameKind Kind, string Fold, string Date, string Time);

/// <summary>A row of study_modality, without its study.</summary>
internal readonly record struct ModalityRow(string Modality, string Date, string Time);

/// <summary>Rows of a study that searches use, as they have to be deleted and added.</summary>
internal sealed record DerivedChange(
    IReadOnlyCollection<WordRow> LostWords, IReadOnlyCollection<WordRow> NewWords,
    IReadOnlyCollection<ModalityRow> LostModalities, IReadOnlyCollection<ModalityRow> NewModalities);

/// <summary>The rows that searches use beside a study: its words, its modalities, its patient. Only what differs is written.</summary>
internal static class DerivedRows
{
    /// <summary>Replaces the rows of the old state (null: there was no study) by those of the new one (null: there is none any more).</summary>
    public static void Replace(IIndexRows rows, StudyRecord? old, StudyRecord? study)
    {
        if ((old ?? study) is not { } any)
        {
            return;
        }
        var (words, newWords) = (Words(old), Words(study));
        var (modalities, newModalities) = (Modalities(old), Modalities(study));
        rows.ChangeDerived(any.Tenant, any.StudyUid, new DerivedChange(
            [.. words.Except(newWords)], [.. newWords.Except(words)], [.. modalities.Except(newModalities)], [.. newModalities.Except(modalities)]));
        foreach (var change in PatientRows.Changes(old, study))
        {
            rows.ChangePatient(change);
        }
    }

    private static HashSet<WordRow> Words(StudyRecord? study)
    {
        var words = new HashSet<WordRow>();
        if (study is not null)
        {
            Add(study.Attributes.PatientName, NameKind.PatientAlphabetic, NameKind.PatientWord);
            Add(study.Attributes.ReferringPhysicianName, NameKind.ReferringAlphabetic, NameKind.ReferringWord);
        }
        return words;

        void Add(string name, NameKind groups, NameKind word)
        {
            foreach (var (i, group) in PersonNameFold.Groups(name).Index().Where(static item => item.Item.Length > 0))
            {
                words.Add(new WordRow(groups + i, group, study.Attributes.StudyDate, study.Attributes.StudyTime));
            }
            words.UnionWith(PersonNameFold.Words(name).Select(text => new WordRow(word, text, study.Attributes.StudyDate, study.Attributes.StudyTime)));
        }
    }

    private static HashSet<ModalityRow> Modalities(StudyRecord? study) => study is null or { Modalities: "" }
        ? []
        : [.. study.Modalities.Split('\\').Select(modality => new ModalityRow(modality, study.Attributes.StudyDate, study.Attributes.StudyTime))];
}
