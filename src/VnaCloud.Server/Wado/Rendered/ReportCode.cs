using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>A coded entry (PS3.3 section 8).</summary>
/// <param name="Value">The code: short, long or a URN.</param>
/// <param name="Scheme">Coding Scheme Designator; URNs have none.</param>
/// <param name="Version">Coding Scheme Version, mostly empty.</param>
/// <param name="Meaning">What people read.</param>
internal sealed record ReportCode(string Value, string Scheme, string Version, string Meaning)
{
    /// <summary>The meaning, or the code where a writer left it out.</summary>
    public string Name => Meaning.Length > 0 ? Meaning : Value;

    /// <summary>Code and scheme as dsr2html and PS3.16 write them: (121071, DCM).</summary>
    public string Notation => $"({string.Join(", ", new[] { Value, Scheme, Version }.Where(part => part.Length > 0))})";

    /// <summary>
    /// What is written behind a number. UCUM's codes are print symbols (PS3.16 CID 82), but for those in brackets and braces, which are
    /// for machines: "[hnsf'U]", "{ratio}". "1" says nothing, though some writers mean pixels by it. Of other schemes nobody knows
    /// whether code or meaning is the unit: cm and "Length Unit" occur.
    /// </summary>
    public string Unit => this switch
    {
        { Scheme: "UCUM", Value: "1", Meaning: "no units" or "unity" or "1" or "" } => "",
        { Scheme: "UCUM" } => Value == "1" || Value.AsSpan().ContainsAny('[', '{') ? Name : Value,
        _ => Value.Length > 0 && Meaning.Length > 0 && Value != Meaning ? $"{Value} ({Meaning})" : Name,
    };

    /// <summary>The first entry of a code sequence, or null where there is none with anything in it.</summary>
    public static ReportCode? Read(DicomDataSet data, DicomTag sequence)
    {
        if (data.Items(sequence) is not [var item, ..])
        {
            return null;
        }
        string[] values = [item.Text(DicomTags.CodeValue), item.Text(DicomTags.LongCodeValue), item.Text(DicomTags.URNCodeValue)];
        var code = new ReportCode(values.FirstOrDefault(value => value.Length > 0, ""), item.Text(DicomTags.CodingSchemeDesignator),
            item.Text(DicomTags.CodingSchemeVersion), item.Text(DicomTags.CodeMeaning));
        return code.Name.Length > 0 ? code : null;
    }

    /// <summary>The names of all entries of a code sequence.</summary>
    public static string Names(DicomDataSet data, DicomTag sequence) =>
        string.Join(", ", data.Items(sequence).Take(ReportLimits.ListEntries).Select(item => item.Text(DicomTags.CodeMeaning)).Where(name => name.Length > 0));
}
