using VnaCloud.DicomWeb;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>What a request that failed says, and about whom.</summary>
internal enum Blame
{
    /// <summary>The line, the archive as a whole, or its address or our credentials: everything waits, for ever, and nothing is held against the objects.</summary>
    Destination,

    /// <summary>The archive failed with this request: it is tried again, in halves in case one object is the cause.</summary>
    Request,

    /// <summary>Too much at once: halves.</summary>
    Size,

    /// <summary>What the objects are: halves until the one is alone that is meant, which is set aside after some attempts.</summary>
    Content,
}

/// <summary>What a failure of one instance says (PS3.18 Table 10.5.3-2, PS3.4 Table B.2-1, PS3.7 Annex C).</summary>
internal enum Verdict
{
    /// <summary>It has no room now, or does not let us: again, for ever.</summary>
    Later,

    /// <summary>It may be the archive's fault: again, but not for ever.</summary>
    Perhaps,

    /// <summary>It does not take the object: again a few times, as services have been wrong about that.</summary>
    Refused,

    /// <summary>It has another object by the same UIDs: again is of no use, somebody has to decide.</summary>
    Conflict,
}

/// <summary>The classification of failures (one table for requests, one for instances).</summary>
internal static class Classification
{
    public static Blame Of(WebError error) => error switch
    {
        { Fault: WebFault.TooLarge } => Blame.Size,
        { Fault: WebFault.ServerError, Status: not 507 } => Blame.Request,
        { Fault: WebFault.MediaType, Status: 415 } or { Fault: WebFault.Conflict or WebFault.Source } or { Fault: WebFault.Rejected, Status: 400 or 422 } => Blame.Content,
        // Network, timeout, 401, 403, 404, 429, 503 and so on; redirects and answers that are no DICOM, such as a login page's.
        _ => Blame.Destination,
    };

    public static Verdict Of(ushort failureReason) => failureReason switch
    {
        0x0111 => Verdict.Conflict,
        0x0124 or 0x0213 => Verdict.Later,
        >= 0xA700 and <= 0xA7FF => Verdict.Later,
        0x0110 => Verdict.Perhaps,
        _ => Verdict.Refused,
    };
}
