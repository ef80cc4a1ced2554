namespace VnaCloud.Dimse;

/// <summary>A-ASSOCIATE-RQ (PS3.8 section 9.3.2).</summary>
public sealed record AssociateRequest
{
    /// <summary>The DICOM Application Context Name (PS3.7 Annex A.2.1).</summary>
    public const string DicomApplicationContext = "1.2.840.10008.3.1.1.1";

    /// <summary>A bit for each version of the protocol; bit 0 is version 1.</summary>
    public ushort ProtocolVersion { get; init; } = 1;

    /// <summary>Who is called, without padding. See <see cref="AeTitle"/>.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>Who calls, without padding. See <see cref="AeTitle"/>.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>Application Context Name.</summary>
    public string ApplicationContext { get; init; } = DicomApplicationContext;

    /// <summary>Proposed contexts, at most 128.</summary>
    public required IReadOnlyList<ProposedContext> Contexts { get; init; }

    /// <summary>User information.</summary>
    public required UserInformation User { get; init; }
}

/// <summary>A-ASSOCIATE-AC (PS3.8 section 9.3.3).</summary>
internal sealed record AssociateAccept
{
    public ushort ProtocolVersion { get; init; } = 1;

    /// <summary>Sent as they came, not to be tested (PS3.8 Table 9-17).</summary>
    public required string CalledAeTitle { get; init; }

    public required string CallingAeTitle { get; init; }

    public string ApplicationContext { get; init; } = AssociateRequest.DicomApplicationContext;

    public required IReadOnlyList<ContextResult> Contexts { get; init; }

    public required UserInformation User { get; init; }
}

/// <summary>A-ASSOCIATE-RJ (PS3.8 section 9.3.4, Table 9-21).</summary>
/// <param name="Result">1 permanent, 2 transient.</param>
/// <param name="Source">1 service user, 2 provider (ACSE), 3 provider (presentation).</param>
/// <param name="Reason">Depends on the source.</param>
public sealed record AssociateReject(byte Result, byte Source, byte Reason)
{
    /// <summary>1/1/1: refused by policy.</summary>
    public static AssociateReject NoReason { get; } = new(1, 1, 1);

    /// <summary>1/1/2.</summary>
    public static AssociateReject ApplicationContextNotSupported { get; } = new(1, 1, 2);

    /// <summary>1/1/3.</summary>
    public static AssociateReject CallingAeNotRecognized { get; } = new(1, 1, 3);

    /// <summary>1/1/7.</summary>
    public static AssociateReject CalledAeNotRecognized { get; } = new(1, 1, 7);

    /// <summary>1/2/2.</summary>
    public static AssociateReject ProtocolVersionNotSupported { get; } = new(1, 2, 2);

    /// <summary>2/3/1: for everything that heals, a full disk too.</summary>
    public static AssociateReject TemporaryCongestion { get; } = new(2, 3, 1);

    /// <summary>2/3/2: too many associations.</summary>
    public static AssociateReject LocalLimitExceeded { get; } = new(2, 3, 2);

    /// <summary>It may be tried again.</summary>
    public bool IsTransient => Result == 2;

    /// <summary>As the literature writes it: result/source/reason.</summary>
    public override string ToString() => $"{Result}/{Source}/{Reason}";
}

/// <summary>A-ABORT (PS3.8 section 9.3.8).</summary>
/// <param name="Source">0 service user, 2 service provider.</param>
/// <param name="Reason">Of the provider alone (Table 9-26).</param>
public sealed record AbortPdu(byte Source, byte Reason)
{
    /// <summary>By the user: 0/0.</summary>
    public static AbortPdu ByUser { get; } = new(0, 0);

    internal static AbortPdu ByProvider(PduFault fault) => new(2, (byte)fault);
}
