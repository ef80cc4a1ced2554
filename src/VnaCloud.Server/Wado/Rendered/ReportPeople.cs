using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>Who answers for a report: verifying observers, authors, participants (PS3.3 Tables C.17-2 and C.17-3b).</summary>
internal sealed class ReportPeople(ReportMarkup markup, DicomDataSet root)
{
    public void Write()
    {
        Write(DicomTags.VerifyingObserverSequence, "Verified by"u8, observer => Line(
            Person(observer.Text(DicomTags.VerifyingObserverName), observer.Text(DicomTags.VerifyingOrganization)),
            ReportFormat.DateTime(observer.Text(DicomTags.VerificationDateTime)),
            ReportCode.Read(observer, DicomTags.VerifyingObserverIdentificationCodeSequence)));
        Write(DicomTags.AuthorObserverSequence, "Author"u8, author => Line(Author(author), "", Identification(author)));
        Write(DicomTags.ParticipantSequence, "Participant"u8, participant => Line(
            $"{Author(participant)} {ReportFormat.Word(participant.Text(DicomTags.ParticipationType))}".Trim(),
            ReportFormat.DateTime(participant.Text(DicomTags.ParticipationDateTime)), Identification(participant)));
    }

    private void Write(DicomTag sequence, ReadOnlySpan<byte> name, Func<DicomDataSet, string> line)
    {
        var people = root.Items(sequence);
        foreach (var person in people.Take(ReportLimits.ListEntries))
        {
            if (line(person) is { Length: > 0 } text)
            {
                markup.Raw("<div><dt>"u8).Raw(name).Raw("</dt><dd dir=\"auto\">"u8).Text(text).Raw("</dd></div>\n"u8);
            }
        }
        if (people.Count > ReportLimits.ListEntries)
        {
            markup.Raw("<div><dt>"u8).Raw(name).Raw("</dt><dd>"u8).Cut("and more"u8).Raw("</dd></div>\n"u8);
        }
    }

    // A device as observer has a name in Manufacturer and Station Name (PS3.3 Table 10-1 and C.17-3b).
    private static string Author(DicomDataSet author)
    {
        var name = author.Text(DicomTags.PersonName);
        return Person(name.Length > 0 ? name : author.Text(DicomTags.StationName), author.Text(DicomTags.InstitutionName));
    }

    private static ReportCode? Identification(DicomDataSet person) => ReportCode.Read(person, DicomTags.PersonIdentificationCodeSequence);

    private static string Person(string name, string organization) =>
        string.Join(", ", new[] { ReportFormat.Name(name), organization }.Where(part => part.Length > 0));

    private static string Line(string person, string time, ReportCode? code) =>
        string.Join(" - ", new[] { time, person, code is null ? "" : $"{code.Name} {code.Notation}" }.Where(part => part.Length > 0));
}
