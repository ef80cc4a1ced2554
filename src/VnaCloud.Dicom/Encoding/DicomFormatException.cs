using System.Globalization;

namespace VnaCloud.Dicom;

/// <summary>The bytes are not what PS3.5 or PS3.10 allow, or are past a named limit. The only exception that reading throws for content.</summary>
public sealed class DicomFormatException : Exception
{
    /// <summary>Names what is wrong, where, and in which element.</summary>
    /// <param name="fault">The kind of fault, stable, for mapping to a failure reason.</param>
    /// <param name="message">One sentence without patient data.</param>
    /// <param name="offset">Bytes from the start of what was read (for a deflated data set: of the inflated stream).</param>
    /// <param name="tag">The element being read, where one was.</param>
    /// <param name="inner">The cause, where there was one.</param>
    public DicomFormatException(DicomFault fault, string message, long offset, DicomTag? tag = null, Exception? inner = null)
        : base(string.Create(CultureInfo.InvariantCulture, $"{message} (at byte {offset}{(tag is { } t ? $", element {t}" : "")})"), inner)
    {
        Fault = fault;
        Offset = offset;
        Tag = tag;
    }

    /// <summary>The kind of fault.</summary>
    public DicomFault Fault { get; }

    /// <summary>Bytes from the start of what was read.</summary>
    public long Offset { get; }

    /// <summary>The element being read, where one was.</summary>
    public DicomTag? Tag { get; }
}

/// <summary>Kinds of unreadable content.</summary>
public enum DicomFault
{
    /// <summary>The bytes end inside an element, item or sequence.</summary>
    Truncated,

    /// <summary>The bytes do not follow the encoding.</summary>
    Malformed,

    /// <summary>A named limit of <c>DicomReadLimits</c> is passed.</summary>
    LimitExceeded,

    /// <summary>A deflated data set inflates past <c>DicomReadLimits.InflateRatio</c>.</summary>
    InflateLimitExceeded,
}
