using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>The three UIDs that name an instance in a URL.</summary>
public readonly record struct InstanceKey(string StudyUid, string SeriesUid, string SopUid);

/// <summary>Where the stored bytes of an instance are.</summary>
/// <param name="PackKey">Object key of the pack.</param>
/// <param name="Offset">First byte in the pack.</param>
/// <param name="Length">Bytes stored.</param>
public readonly record struct DataLocator(string PackKey, long Offset, long Length);

/// <summary>Where the stored DICOM JSON of an instance is: deflate segments with a hole for the base URL between each two.</summary>
/// <param name="PackKey">Object key of the pack.</param>
/// <param name="Offset">First byte of the first segment in the pack.</param>
/// <param name="Segments">The segments, back to back.</param>
public sealed record MetadataLocator(string PackKey, long Offset, IReadOnlyList<MetadataSegment> Segments);

/// <summary>One independently compressed, sync-flushed, byte-aligned deflate segment (docs/pack-format.md).</summary>
/// <param name="Length">Compressed bytes.</param>
/// <param name="InflatedLength">Bytes of JSON.</param>
/// <param name="Crc32">CRC-32 of the JSON, as gzip computes it.</param>
public readonly record struct MetadataSegment(int Length, int InflatedLength, uint Crc32);

/// <summary>The frames of an instance. Offsets count from the start of the instance's stored (for deflated: inflated) bytes.</summary>
/// <param name="Layout">How they lie.</param>
/// <param name="Count">Frames that can be asked for.</param>
/// <param name="PixelOffset">First byte of the pixel data's value (encapsulated: of the Basic Offset Table item).</param>
/// <param name="PixelLength">Bytes of the value; encapsulated: up to and without the sequence delimitation item.</param>
/// <param name="FrameLength">Native: bytes of a frame (<see cref="FrameLayout.NativeBits"/>: bits).</param>
/// <param name="TableOffset">Encapsulated with several frames: first byte of the frame table in the data pack, else -1.</param>
/// <param name="FirstFrame">Encapsulated with one frame: its range.</param>
public sealed record FrameMap(FrameLayout Layout, int Count, long PixelOffset, long PixelLength, long FrameLength, long TableOffset, FrameRange FirstFrame)
{
    /// <summary>No pixel data.</summary>
    public static readonly FrameMap Empty = new(FrameLayout.None, 0, 0, 0, 0, -1, default);
}

/// <summary>Everything that reading an instance needs, from one row of the index.</summary>
public sealed record InstanceEntry
{
    /// <summary>The UIDs.</summary>
    public required InstanceKey Key { get; init; }

    /// <summary>Where it first arrived.</summary>
    public required Origin Origin { get; init; }

    /// <summary>Attributes of the instance level.</summary>
    public required InstanceAttributes Attributes { get; init; }

    /// <summary>Stored bytes.</summary>
    public required DataLocator Data { get; init; }

    /// <summary>Stored metadata.</summary>
    public required MetadataLocator Metadata { get; init; }

    /// <summary>Frames.</summary>
    public required FrameMap Frames { get; init; }

    /// <summary>SHA-256 of the stored bytes: the ETag, and what verification recomputes.</summary>
    public required Digest FileDigest { get; init; }

    /// <summary>SHA-256 of the transfer syntax UID and everything after group 0002: equal content is the same instance.</summary>
    public required Digest ContentDigest { get; init; }
}

/// <summary>The instances of a study, series or one instance, in the order in which answers give them: series number, series UID, instance number, SOP UID.</summary>
/// <param name="Version">The study's content version; caches are keyed by it.</param>
/// <param name="Instances">Never empty.</param>
public sealed record StudyView(long Version, IReadOnlyList<InstanceEntry> Instances)
{
    /// <summary>The index could not be asked; this is what it said some minutes ago.</summary>
    public bool IsUnconfirmed { get; init; }
}
