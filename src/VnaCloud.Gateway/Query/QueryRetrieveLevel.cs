using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Query;

/// <summary>Query/Retrieve Level (0008,0052), from the top (PS3.4 C.6).</summary>
internal enum QueryRetrieveLevel
{
    Patient,
    Study,
    Series,
    Image,
}

/// <summary>The information models of PS3.4 C.6 that the gateway answers for.</summary>
internal enum InformationModel
{
    PatientRoot,
    StudyRoot,
}

internal static class QueryRetrieveLevels
{
    /// <summary>Attribute that names an entity of the level (PS3.4 C.6.1.1, C.6.2.1).</summary>
    public static DicomTag UniqueKey(this QueryRetrieveLevel level) => level switch
    {
        QueryRetrieveLevel.Patient => DicomTags.PatientID,
        QueryRetrieveLevel.Study => DicomTags.StudyInstanceUID,
        QueryRetrieveLevel.Series => DicomTags.SeriesInstanceUID,
        _ => DicomTags.SOPInstanceUID,
    };

    /// <summary>What an identifier lacks whose level is null.</summary>
    public const string Missing = "Query/Retrieve Level (0008,0052) is missing or not of this model";

    /// <summary>The level that an identifier names; null when it names none, or one that the model does not have.</summary>
    public static QueryRetrieveLevel? Read(DicomDataSet identifier, InformationModel model) => identifier.String(DicomTags.QueryRetrieveLevel) switch
    {
        "PATIENT" => model == InformationModel.PatientRoot ? QueryRetrieveLevel.Patient : null,
        "STUDY" => QueryRetrieveLevel.Study,
        "SERIES" => QueryRetrieveLevel.Series,
        "IMAGE" => QueryRetrieveLevel.Image,
        _ => null,
    };

    public static string Name(this QueryRetrieveLevel level) => level.ToString().ToUpperInvariant();
}
