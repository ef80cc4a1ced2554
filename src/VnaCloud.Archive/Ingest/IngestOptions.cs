using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>How instances are taken in.</summary>
public sealed record IngestOptions
{
    /// <summary>Longest binary value that stored metadata gives inline, in bytes. Baked into packs: a change holds for what arrives after it.</summary>
    public int InlineLimit { get; init; } = 4096;

    /// <summary>Longest value of another VR that stored metadata gives inline, in bytes: contours and long texts are wanted with the metadata.</summary>
    public int InlineTextLimit => 16 * InlineLimit;

    /// <summary>Longest instance, in bytes; 16 GiB.</summary>
    public long MaxInstanceBytes { get; init; } = 16L << 30;

    /// <summary>A pack closes at this many bytes; 256 MB.</summary>
    public long PackBytes { get; init; } = 256_000_000;

    /// <summary>A pack closes at this many instances; 2,000, so that a pack fits a commit (<see cref="CommitLanes.MaxRows"/>).</summary>
    public int PackInstances { get; init; } = 2_000;

    /// <summary>A pack closes at this age; 10 minutes.</summary>
    public TimeSpan PackAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of an instance that wait in memory until its study is known; past them it gets a pack of its own. 1 MiB.</summary>
    public int WaitingBytes { get; init; } = 1 << 20;

    /// <summary>Metadata and frame tables that the open packs of a request hold in memory; past them a pack closes. 16 MiB.</summary>
    public int BufferedBytes { get; init; } = 16 << 20;

    /// <summary>Packs that one request holds open; past them the oldest is closed. 16.</summary>
    public int OpenPacks { get; init; } = 16;

    /// <summary>What becomes of the 128 bytes before "DICM".</summary>
    public PreamblePolicy Preamble { get; init; } = PreamblePolicy.Zeroed;

    /// <summary>Limits of the reader.</summary>
    public DicomReadLimits ReadLimits { get; init; } = DicomReadLimits.Default;
}

/// <summary>What becomes of a preamble (PS3.10 section 7.1), which can make a file run as a program (attacks 1 to 3).</summary>
public enum PreamblePolicy
{
    /// <summary>Stored as zeros.</summary>
    Zeroed,

    /// <summary>Stored as received: whole slide images may be TIFF files too.</summary>
    Kept,
}
