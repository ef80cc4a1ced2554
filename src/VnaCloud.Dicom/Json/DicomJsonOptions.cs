namespace VnaCloud.Dicom;

/// <summary>How a data set becomes DICOM JSON.</summary>
public sealed record DicomJsonOptions
{
    /// <summary>Longest binary value (OB, OD, OF, OL, OV, OW, UN), in bytes, that is given as InlineBinary; longer ones become a BulkDataURI.</summary>
    public int InlineLimit { get; init; } = 4096;

    /// <summary>URL up to where "/bulkdata/..." begins, put in front of each BulkDataURI after the base; "" where there is no such URL.</summary>
    public string InstanceUrl { get; init; } = "";

    /// <summary>Whether group 0000 is written: Error Comment (0000,0902) of a store answer is in it (PS3.18 Table I.2-1).</summary>
    public bool WritesCommandGroup { get; init; }

    /// <summary>
    /// Called at each place where the base URL goes, after everything before it was written and before anything after it: packs leave
    /// a hole there. When null, BulkDataURIs begin with <see cref="InstanceUrl"/>.
    /// </summary>
    public Action? OnBase { get; init; }
}
