using System.Text;

namespace VnaCloud.Dicom;

/// <summary>
/// Specific Character Set (0008,0005): turns the bytes of text values into text and back, with the code extensions of ISO 2022
/// (PS3.3 section C.12.1.1.2, PS3.5 section 6.1). Reading never throws: what cannot be read becomes U+FFFD, escape sequences that
/// nobody knows are left out, and known ones are obeyed even where the term that announces them is missing.
/// </summary>
public sealed class SpecificCharacterSet
{
    /// <summary>Term of the set by which undeclared bytes above 0x7F are read unless told otherwise: Latin alphabet No. 1.</summary>
    public const string DefaultAssumedTerm = "ISO_IR 100";

    private SpecificCharacterSet(IReadOnlyList<string> terms, string assumedTerm)
    {
        Terms = terms;
        var known = new List<CodedSet>();
        for (var index = 0; index < terms.Count; index++)
        {
            if (CodedSets.FindWhole(terms[index]) is { } whole)
            {
                // These stand alone by definition; as a later value they are a mistake that changes nothing.
                Whole ??= index == 0 ? whole : null;
            }
            else if (CodedSets.Find(terms[index]) is { } sets)
            {
                known.AddRange(sets.Except(known));
                InitialLow = index == 0 ? sets.FirstOrDefault(set => set is { IsHigh: false, Width: 1 }) ?? InitialLow : InitialLow;
                InitialHigh = index == 0 ? sets.FirstOrDefault(set => set.IsHigh) : InitialHigh;
            }
            else
            {
                HasUnknownTerm = true;
            }
        }
        Candidates = [.. known.Prepend(InitialLow).Distinct()];
        var isUndeclared = known.All(set => set == CodedSets.Ascii);
        AssumedWhole = isUndeclared && Whole is null ? CodedSets.FindWhole(assumedTerm) : null;
        AssumedHigh = InitialHigh ?? CodedSets.Find(assumedTerm)?.FirstOrDefault(set => set.IsHigh) ?? CodedSets.Latin1;
    }

    /// <summary>The default repertoire, ISO 646, of a data set without (0008,0005).</summary>
    public static SpecificCharacterSet Default { get; } = Parse([]);

    /// <summary>UTF-8, ISO_IR 192.</summary>
    public static SpecificCharacterSet Utf8 { get; } = Parse(["ISO_IR 192"]);

    /// <summary>The values of (0008,0005) as given.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <summary>A value is not a defined term; where it is the first, text is read as if none was declared.</summary>
    public bool HasUnknownTerm { get; }

    /// <summary>The encoding of ISO_IR 192, GB18030 and GBK, which know no code extensions.</summary>
    internal Encoding? Whole { get; }

    internal Encoding? AssumedWhole { get; }

    internal CodedSet InitialLow { get; } = CodedSets.Ascii;

    internal CodedSet? InitialHigh { get; }

    /// <summary>What bytes above 0x7F are read by while nothing is invoked in G1.</summary>
    internal CodedSet AssumedHigh { get; }

    /// <summary>Sets in which characters may be written, in the order of the terms.</summary>
    internal IReadOnlyList<CodedSet> Candidates { get; }

    /// <summary>Reads the values of (0008,0005); no value, or an empty first one, is the default repertoire.</summary>
    /// <param name="terms">Values of (0008,0005).</param>
    /// <param name="assumedTerm">
    /// The defined term by which bytes above 0x7F are read when nothing declares them. A set that stands alone (ISO_IR 192) is used
    /// only where no code extensions are declared; elsewhere, and for an unknown term, Latin alphabet No. 1 is assumed.
    /// </param>
    public static SpecificCharacterSet Parse(IReadOnlyList<string> terms, string assumedTerm = DefaultAssumedTerm)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(assumedTerm);
        return new SpecificCharacterSet(terms, assumedTerm);
    }

    /// <summary>The text of an element; values stay separated by backslashes and each loses its padding.</summary>
    /// <remarks>VRs to which (0008,0005) does not apply are read as ISO 646, their bytes above 0x7F as Latin alphabet No. 1.</remarks>
    public string Decode(ReadOnlySpan<byte> bytes, DicomVr vr) => string.Join('\\', DecodeValues(bytes, vr));

    /// <summary>
    /// The values of an element, split at backslashes that are delimiters and not half of a character, each without the padding that
    /// PS3.5 section 6.2 calls insignificant. None for an element that is empty or only padded.
    /// </summary>
    public IReadOnlyList<string> DecodeValues(ReadOnlySpan<byte> bytes, DicomVr vr) => TextDecoder.Decode(this, bytes, vr);

    /// <summary>The bytes of text, not padded to even length; values are separated by backslashes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vr">The VR, which says where code extensions end.</param>
    /// <param name="lossy">A character is in none of the sets and became a question mark.</param>
    public byte[] Encode(string text, DicomVr vr, out bool lossy)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TextEncoder.Encode(this, text, vr, out lossy);
    }

    /// <summary>The bytes of text; what no set contains becomes a question mark.</summary>
    public byte[] Encode(string text, DicomVr vr) => Encode(text, vr, out _);
}
