using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>
/// What a report is and whom it is about: title, state, and the attributes around the content (PS3.3 sections C.7.1.1, C.7.2.1, C.17.2
/// and C.17.6.2 for Key Object Selection Documents).
/// </summary>
internal sealed class ReportHeader(ReportMarkup markup, DicomDataSet root, ReportReferences references)
{
    /// <summary>Concept name of the root, else what kind of document it is.</summary>
    public static string TitleOf(DicomDataSet root) =>
        new ReportItem(root).Concept?.Name ?? (ReportClasses.NameOf(root.Text(DicomTags.SOPClassUID)) is { Length: > 0 } name ? name : "Document");

    public void Write()
    {
        markup.Raw("<header>\n<h1 dir=\"auto\">"u8).Text(TitleOf(root)).Raw("</h1>\n"u8);
        WriteFlags();
        markup.Raw("<dl>\n"u8);
        WritePatient();
        WriteStudy();
        WriteDocument();
        new ReportPeople(markup, root).Write();
        WriteDocuments(DicomTags.PredecessorDocumentsSequence, "Replaces"u8);
        WriteDocuments(DicomTags.IdenticalDocumentsSequence, "Same as"u8);
        markup.Raw("</dl>\n</header>\n"u8);
    }

    // PS3.3 Table C.17-2. A Key Object Selection Document has none of them.
    private void WriteFlags()
    {
        DicomTag[] flags = [DicomTags.CompletionFlag, DicomTags.VerificationFlag, DicomTags.PreliminaryFlag];
        var states = flags.Select(root.Text).Where(state => state.Length > 0).ToList();
        if (states.Count == 0)
        {
            return;
        }
        markup.Raw("<p class=\"flags\">"u8);
        foreach (var state in states)
        {
            var isSettled = state is "COMPLETE" or "VERIFIED" or "FINAL";
            markup.Raw(isSettled ? "<strong>"u8 : "<strong class=\"open\">"u8).Text(state).Raw("</strong> "u8);
        }
        markup.Raw("<span dir=\"auto\">"u8).Text(root.Text(DicomTags.CompletionFlagDescription)).Raw("</span></p>\n"u8);
    }

    private void WritePatient()
    {
        var sex = root.Text(DicomTags.PatientSex) switch
        {
            "M" => "male",
            "F" => "female",
            "O" => "other",
            var other => other,
        };
        WriteFact("Patient"u8, ReportFormat.Name(root.Text(DicomTags.PatientName)));
        WriteFact("Patient ID"u8, Joined(" ", root.Text(DicomTags.PatientID), InBrackets(root.Text(DicomTags.IssuerOfPatientID))));
        WriteFact("Born"u8, ReportFormat.Date(root.Text(DicomTags.PatientBirthDate)));
        WriteFact("Sex"u8, sex);
    }

    private void WriteStudy()
    {
        var study = root.Text(DicomTags.StudyID);
        var series = root.Text(DicomTags.SeriesNumber);
        WriteFact("Study"u8, Joined(" ", root.Text(DicomTags.StudyDescription), study.Length > 0 ? $"(#{study})" : ""));
        WriteFact("Study date"u8, ReportFormat.DateAndTime(root.Text(DicomTags.StudyDate), root.Text(DicomTags.StudyTime)));
        WriteFact("Accession number"u8, root.Text(DicomTags.AccessionNumber));
        WriteFact("Referring physician"u8, ReportFormat.Name(root.Text(DicomTags.ReferringPhysicianName)));
        WriteFact("Requested"u8, string.Join(", ", root.Items(DicomTags.ReferencedRequestSequence).Take(ReportLimits.ListEntries)
            .Select(request => request.Text(DicomTags.RequestedProcedureDescription)).Where(text => text.Length > 0)));
        WriteFact("Performed"u8, ReportCode.Names(root, DicomTags.PerformedProcedureCodeSequence));
        WriteFact("Series"u8, Joined(" ", root.Text(DicomTags.SeriesDescription), series.Length > 0 ? $"(#{series})" : ""));
    }

    private void WriteDocument()
    {
        WriteFact("Document"u8, ReportClasses.NameOf(root.Text(DicomTags.SOPClassUID)));
        WriteFact("Content date"u8, ReportFormat.DateAndTime(root.Text(DicomTags.ContentDate), root.Text(DicomTags.ContentTime)));
        WriteFact("Observed"u8, ReportFormat.DateTime(root.Text(DicomTags.ObservationDateTime)));
        WriteFact("Institution"u8, root.Text(DicomTags.InstitutionName));
        WriteFact("Equipment"u8, Joined(" ", root.Text(DicomTags.Manufacturer), InBrackets(Joined(", ",
            root.Text(DicomTags.ManufacturerModelName), root.Text(DicomTags.DeviceSerialNumber)))));
        if (references.EvidenceInstances > 0)
        {
            WriteFact("Evidence"u8, references.EvidenceInstances == 1 ? "1 instance" : $"{references.EvidenceInstances} instances");
        }
    }

    private void WriteDocuments(DicomTag sequence, ReadOnlySpan<byte> name)
    {
        var instances = new ReportInstances(markup, references);
        foreach (var (_, _, instance) in ReportReferences.Instances(root, sequence).Take(ReportLimits.ListEntries))
        {
            markup.Raw("<div><dt>"u8).Raw(name).Raw("</dt><dd>"u8);
            instances.WriteInstance(instance);
            markup.Raw("</dd></div>\n"u8);
        }
    }

    private void WriteFact(ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
        {
            markup.Raw("<div><dt>"u8).Raw(name).Raw("</dt><dd dir=\"auto\">"u8).Text(value).Raw("</dd></div>\n"u8);
        }
    }

    private static string Joined(string separator, params string[] parts) => string.Join(separator, parts.Where(part => part.Length > 0));

    private static string InBrackets(string text) => text.Length > 0 ? $"({text})" : "";
}
