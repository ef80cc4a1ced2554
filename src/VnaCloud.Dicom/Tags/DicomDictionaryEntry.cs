namespace VnaCloud.Dicom;

/// <summary>What PS3.6 (or a vendor's private dictionary) says of an attribute.</summary>
/// <param name="Tag">The tag as defined: a repeating group or element at its base, a private element without its block.</param>
/// <param name="Vr">The VR; where several are allowed, the one an implicit VR reader should assume.</param>
/// <param name="AlternativeVrs">The other VRs allowed, usually none.</param>
/// <param name="Vm">Value multiplicity as PS3.6 prints it, such as <c>1-n</c>.</param>
/// <param name="Keyword">The keyword, the empty string for a private element.</param>
/// <param name="Name">The name; for a public attribute its keyword in words.</param>
/// <param name="Retired">Retired from the standard.</param>
public sealed record DicomDictionaryEntry(
    DicomTag Tag, DicomVr Vr, IReadOnlyList<DicomVr> AlternativeVrs, string Vm, string Keyword, string Name, bool Retired);
