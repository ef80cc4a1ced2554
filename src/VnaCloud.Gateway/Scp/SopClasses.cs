using VnaCloud.Gateway.Query;

namespace VnaCloud.Gateway.Scp;

/// <summary>What an operation of the query/retrieve service does.</summary>
internal enum QueryOperation
{
    Find,
    Move,
    Get,
}

/// <summary>SOP classes that the gateway answers for.</summary>
internal static class SopClasses
{
    public const string StorageCommitment = "1.2.840.10008.1.20.1";

    /// <summary>The well-known instance of storage commitment (PS3.4 J.3.5).</summary>
    public const string StorageCommitmentInstance = "1.2.840.10008.1.20.1.1";

    private static readonly Dictionary<string, (InformationModel Model, QueryOperation Operation)> Queries = new()
    {
        ["1.2.840.10008.5.1.4.1.2.1.1"] = (InformationModel.PatientRoot, QueryOperation.Find),
        ["1.2.840.10008.5.1.4.1.2.1.2"] = (InformationModel.PatientRoot, QueryOperation.Move),
        ["1.2.840.10008.5.1.4.1.2.1.3"] = (InformationModel.PatientRoot, QueryOperation.Get),
        ["1.2.840.10008.5.1.4.1.2.2.1"] = (InformationModel.StudyRoot, QueryOperation.Find),
        ["1.2.840.10008.5.1.4.1.2.2.2"] = (InformationModel.StudyRoot, QueryOperation.Move),
        ["1.2.840.10008.5.1.4.1.2.2.3"] = (InformationModel.StudyRoot, QueryOperation.Get),
    };

    /// <summary>The model and operation of a query/retrieve SOP class; null for others.</summary>
    public static (InformationModel Model, QueryOperation Operation)? Query(string sopClass) => Queries.TryGetValue(sopClass, out var query) ? query : null;
}
