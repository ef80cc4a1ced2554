using System.ComponentModel.DataAnnotations;

namespace VnaCloud.Gateway.Spool;

/// <summary><c>Gateway:Spool</c>: where received objects wait, and how many of them.</summary>
internal sealed class SpoolOptions
{
    private const long MiB = 1024 * 1024;
    private const long GiB = 1024 * MiB;

    /// <summary>The folder, on a disk that survives. Default gateway-spool in the working folder.</summary>
    public string Path { get; init; } = "gateway-spool";

    /// <summary>Bytes that may wait to be forwarded; more are refused until some have been. Default 0: as many as the disk holds.</summary>
    [Range(0, long.MaxValue)]
    public long MaxBytes { get; init; }

    /// <summary>The hard watermark: with less free on the disk, objects are refused (A700H) until there is more. Default 1 GiB.</summary>
    [Range(0, long.MaxValue)]
    public long MinFreeBytes { get; init; } = GiB;

    /// <summary>The soft watermark: with less free on the disk, copies of confirmed objects are given up and a warning is logged. Default 5 GiB.</summary>
    [Range(0, long.MaxValue)]
    public long LowFreeBytes { get; init; } = 5 * GiB;

    /// <summary>Minutes that a confirmed object is kept, for workstations on site. Default 1,440: a day. 0: not at all.</summary>
    [Range(0, 525_600)]
    public int KeepSentMinutes { get; init; } = 1440;

    /// <summary>Bytes of one object. Default 16 GiB, as the archive's.</summary>
    [Range(MiB, 1024 * GiB)]
    public long MaxObjectBytes { get; init; } = 16 * GiB;
}

/// <summary>How full the spool is.</summary>
internal enum Pressure
{
    /// <summary>There is room.</summary>
    None,

    /// <summary>Past the soft watermark: somebody should look.</summary>
    Soft,

    /// <summary>Past the hard watermark: objects are refused, transiently; C-ECHO is answered all the same.</summary>
    Hard,
}
