#pragma warning disable CS1591, CA1822
namespace VnaCloud.Dicom;
public sealed class SpecificCharacterSet {
public static SpecificCharacterSet Default {get;} = new();
public static SpecificCharacterSet Parse(IReadOnlyList<string> terms) => Default;
public IReadOnlyList<string> DecodeValues(ReadOnlySpan<byte> bytes, DicomVr vr) => System.Text.Encoding.UTF8.GetString(bytes).TrimEnd(' ', '\0').Split('\\');
public byte[] Encode(string t, DicomVr vr) => System.Text.Encoding.UTF8.GetBytes(t);
}
