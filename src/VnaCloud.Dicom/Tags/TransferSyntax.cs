using System.Collections.Frozen;

namespace VnaCloud.Dicom;

/// <summary>What a transfer syntax says of the encoding of a data set and of its frames (PS3.5 section 10 and Annex A).</summary>
[Flags]
public enum TransferSyntaxTraits
{
    /// <summary>Explicit VR little endian, native pixel data.</summary>
    None = 0,

    /// <summary>VRs are not in the stream (PS3.5 A.1).</summary>
    ImplicitVr = 1,

    /// <summary>Big endian (PS3.5 A.3).</summary>
    BigEndian = 2,

    /// <summary>The data set is a raw deflate stream (PS3.5 A.5).</summary>
    Deflated = 4,

    /// <summary>Pixel data is a sequence of fragments (PS3.5 A.4).</summary>
    Encapsulated = 8,

    /// <summary>The compression may lose information.</summary>
    Lossy = 16,

    /// <summary>Pixel data is behind a URL, not in the data set (PS3.5 A.6).</summary>
    Referenced = 32,

    /// <summary>Retired from PS3.6.</summary>
    Retired = 64,

    /// <summary>In PS3.6 Annex A; unset for private and future syntaxes.</summary>
    Known = 128,
}

/// <summary>A transfer syntax of PS3.6 Annex A, or a stranger that is read as explicit VR little endian.</summary>
/// <param name="Uid">The UID.</param>
/// <param name="Name">The name in PS3.6, or the UID of a stranger.</param>
/// <param name="Traits">How data sets and frames are encoded.</param>
/// <param name="MediaType">Media type of one frame, or of the whole video, as stored (PS3.18 Tables 8.7.3-2 to 8.7.3-5).</param>
public sealed record TransferSyntax(string Uid, string Name, TransferSyntaxTraits Traits, string MediaType)
{
    private static readonly FrozenDictionary<string, TransferSyntax> All =
        TransferSyntaxTable.Rows().ToFrozenDictionary(row => row.Uid, StringComparer.Ordinal);

    /// <summary>The default, 1.2.840.10008.1.2.</summary>
    public static TransferSyntax ImplicitVrLittleEndian { get; } = Get("1.2.840.10008.1.2");

    /// <summary>1.2.840.10008.1.2.1.</summary>
    public static TransferSyntax ExplicitVrLittleEndian { get; } = Get("1.2.840.10008.1.2.1");

    /// <summary>1.2.840.10008.1.2.1.99.</summary>
    public static TransferSyntax DeflatedExplicitVrLittleEndian { get; } = Get("1.2.840.10008.1.2.1.99");

    /// <summary>1.2.840.10008.1.2.2, retired.</summary>
    public static TransferSyntax ExplicitVrBigEndian { get; } = Get("1.2.840.10008.1.2.2");

    /// <summary>Every transfer syntax of the table.</summary>
    public static IReadOnlyCollection<TransferSyntax> Known => All.Values;

    /// <summary>VRs are not in the stream.</summary>
    public bool IsImplicitVr => Traits.HasFlag(TransferSyntaxTraits.ImplicitVr);

    /// <summary>Big endian.</summary>
    public bool IsBigEndian => Traits.HasFlag(TransferSyntaxTraits.BigEndian);

    /// <summary>The data set after group 0002 is a raw deflate stream.</summary>
    public bool IsDeflated => Traits.HasFlag(TransferSyntaxTraits.Deflated);

    /// <summary>Pixel data is encapsulated. False for a stranger, whose pixel data tells by its undefined length alone.</summary>
    public bool IsEncapsulated => Traits.HasFlag(TransferSyntaxTraits.Encapsulated);

    /// <summary>The compression may lose information; whether it did is in Lossy Image Compression (0028,2110).</summary>
    public bool IsLossy => Traits.HasFlag(TransferSyntaxTraits.Lossy);

    /// <summary>Pixel data is behind a URL.</summary>
    public bool IsReferenced => Traits.HasFlag(TransferSyntaxTraits.Referenced);

    /// <summary>Retired from PS3.6.</summary>
    public bool IsRetired => Traits.HasFlag(TransferSyntaxTraits.Retired);

    /// <summary>In PS3.6 Annex A.</summary>
    public bool IsKnown => Traits.HasFlag(TransferSyntaxTraits.Known);

    /// <summary>One stream holds all frames, so that no frame stands alone.</summary>
    public bool IsVideo => MediaType.StartsWith("video/", StringComparison.Ordinal);

    /// <summary>
    /// The transfer syntax of a UID. Private ones must be explicit VR little endian (PS3.5 section 10), so every stranger is taken
    /// for that, with <see cref="IsKnown"/> false.
    /// </summary>
    public static TransferSyntax Get(string uid)
    {
        ArgumentNullException.ThrowIfNull(uid);
        return All.TryGetValue(uid, out var known)
            ? known
            : new TransferSyntax(uid, uid, TransferSyntaxTraits.None, TransferSyntaxTable.OctetStream);
    }
}
