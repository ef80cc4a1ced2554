using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>A content item (PS3.3 section C.17.3): a name, a value of some type, and the items below it.</summary>
internal readonly record struct ReportItem(DicomDataSet Data)
{
    /// <summary>Value Type (0040,A040), the root's and every item's that is not by reference.</summary>
    public string ValueType => Data.Text(DicomTags.ValueType);

    /// <summary>How it stands to the item above it.</summary>
    public string Relationship => Data.Text(DicomTags.RelationshipType);

    /// <summary>Its name.</summary>
    public ReportCode? Concept => ReportCode.Read(Data, DicomTags.ConceptNameCodeSequence);

    /// <summary>The items below it.</summary>
    public IReadOnlyList<DicomDataSet> Children => Data.Items(DicomTags.ContentSequence);

    /// <summary>It only points at another item of the document (PS3.3 section C.17.3.2.5).</summary>
    public bool IsByReference => ValueType.Length == 0 && Data[DicomTags.ReferencedContentItemIdentifier] is not null;

    /// <summary>It holds other items under a heading.</summary>
    public bool IsContainer => ValueType == "CONTAINER";

    /// <summary>Its items are to be read as one flow of text (PS3.3 section C.18.8).</summary>
    public bool IsContinuous => Data.Text(DicomTags.ContinuityOfContent) == "CONTINUOUS";

    /// <summary>Its value is a word or a few in a line of text.</summary>
    public bool IsInline => Relationship is "CONTAINS" or ""
        && ValueType is "TEXT" or "CODE" or "NUM" or "DATE" or "TIME" or "DATETIME" or "PNAME" or "UIDREF";

    /// <summary>What a reader is told of the relationship; of CONTAINS, which the layout shows, nothing.</summary>
    public string Kind => Relationship switch
    {
        "CONTAINS" => "",
        "HAS CONCEPT MOD" => "Modifier",
        "HAS OBS CONTEXT" => "Context",
        "HAS ACQ CONTEXT" => "Acquisition",
        "HAS PROPERTIES" => "Property",
        "INFERRED FROM" => "Inferred from",
        "SELECTED FROM" => "Selected from",
        var other => other,
    };
}
