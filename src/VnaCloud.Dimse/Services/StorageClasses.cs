using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>The Storage Service Class (PS3.4 B): its SOP classes, and the transfer syntaxes that an SCP had best take.</summary>
public static class StorageClasses
{
    // Composite SOP classes for storage, PS3.4 B.5 and the non-patient objects of GG: below these roots there is nothing else.
    private static readonly string[] Roots =
        ["1.2.840.10008.5.1.4.1.1.", "1.2.840.10008.5.1.4.38.1", "1.2.840.10008.5.1.4.39.1", "1.2.840.10008.5.1.4.43.1", "1.2.840.10008.5.1.4.44.1", "1.2.840.10008.5.1.4.45.1"];

    // 5.1.4.34.7 and .10 are stored, too (RT Beams Delivery Instruction, RT Brachy Application Setup Delivery Instruction).
    private static readonly string[] Others = ["1.2.840.10008.5.1.4.34.7", "1.2.840.10008.5.1.4.34.10"];

    /// <summary>
    /// Transfer syntaxes for storage, best first: what was compressed without loss stays so, then what was compressed with loss, which asking for it
    /// uncompressed would only make longer; Explicit VR before Implicit VR. The archive stores each of them unchanged.
    /// </summary>
    public static IReadOnlyList<string> Syntaxes { get; } =
    [
        .. TransferSyntax.Known.Where(syntax => (syntax.IsEncapsulated || syntax.IsDeflated) && !syntax.IsReferenced).OrderBy(syntax => syntax.IsLossy).Select(syntax => syntax.Uid),
        TransferSyntax.ExplicitVrLittleEndian.Uid, TransferSyntax.ExplicitVrBigEndian.Uid, TransferSyntax.ImplicitVrLittleEndian.Uid,
    ];

    /// <summary>Transfer syntaxes of identifiers and other small data sets.</summary>
    public static IReadOnlyList<string> PlainSyntaxes { get; } = [TransferSyntax.ExplicitVrLittleEndian.Uid, TransferSyntax.ImplicitVrLittleEndian.Uid];

    /// <summary>Whether instances of a class are stored by C-STORE.</summary>
    public static bool IsStorage(string sopClass)
    {
        ArgumentNullException.ThrowIfNull(sopClass);
        return Roots.Any(root => sopClass.StartsWith(root, StringComparison.Ordinal)) || Others.Contains(sopClass);
    }
}
