using VnaCloud.Dicom;
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

    // Composite SOP classes for storage, PS3.4 B.5 and the non-patient objects of GG: below these roots there is nothing else.
    private static readonly string[] StorageRoots =
        ["1.2.840.10008.5.1.4.1.1.", "1.2.840.10008.5.1.4.38.1", "1.2.840.10008.5.1.4.39.1", "1.2.840.10008.5.1.4.43.1", "1.2.840.10008.5.1.4.44.1", "1.2.840.10008.5.1.4.45.1"];

    // 5.1.4.34.7 and .10 are stored, too (RT Beams Delivery Instruction, RT Brachy Application Setup Delivery Instruction).
    private static readonly string[] OtherStorage = ["1.2.840.10008.5.1.4.34.7", "1.2.840.10008.5.1.4.34.10"];

    private static readonly Dictionary<string, (InformationModel Model, QueryOperation Operation)> Queries = new()
    {
        ["1.2.840.10008.5.1.4.1.2.1.1"] = (InformationModel.PatientRoot, QueryOperation.Find),
        ["1.2.840.10008.5.1.4.1.2.1.2"] = (InformationModel.PatientRoot, QueryOperation.Move),
        ["1.2.840.10008.5.1.4.1.2.1.3"] = (InformationModel.PatientRoot, QueryOperation.Get),
        ["1.2.840.10008.5.1.4.1.2.2.1"] = (InformationModel.StudyRoot, QueryOperation.Find),
        ["1.2.840.10008.5.1.4.1.2.2.2"] = (InformationModel.StudyRoot, QueryOperation.Move),
        ["1.2.840.10008.5.1.4.1.2.2.3"] = (InformationModel.StudyRoot, QueryOperation.Get),
    };

    /// <summary>Whether instances of a class are stored by C-STORE.</summary>
    public static bool IsStorage(string sopClass) => StorageRoots.Any(root => sopClass.StartsWith(root, StringComparison.Ordinal)) || OtherStorage.Contains(sopClass);

    /// <summary>The model and operation of a query/retrieve SOP class; null for others.</summary>
    public static (InformationModel Model, QueryOperation Operation)? Query(string sopClass) => Queries.TryGetValue(sopClass, out var query) ? query : null;

    /// <summary>
    /// Transfer syntaxes for storage, best first: what was compressed without loss stays so, then what was compressed with loss, which asking for it
    /// uncompressed would only make longer; Explicit VR before Implicit VR. The archive stores each of them unchanged.
    /// </summary>
    public static IReadOnlyList<string> StorageSyntaxes { get; } =
    [
        .. TransferSyntax.Known.Where(syntax => (syntax.IsEncapsulated || syntax.IsDeflated) && !syntax.IsReferenced).OrderBy(syntax => syntax.IsLossy).Select(syntax => syntax.Uid),
        TransferSyntax.ExplicitVrLittleEndian.Uid, TransferSyntax.ExplicitVrBigEndian.Uid, TransferSyntax.ImplicitVrLittleEndian.Uid,
    ];

    /// <summary>Transfer syntaxes of identifiers and other small data sets.</summary>
    public static IReadOnlyList<string> PlainSyntaxes { get; } = [TransferSyntax.ExplicitVrLittleEndian.Uid, TransferSyntax.ImplicitVrLittleEndian.Uid];
}
