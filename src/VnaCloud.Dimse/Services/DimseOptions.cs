using System.Net;

namespace VnaCloud.Dimse;

/// <summary>What both sides of an association may be told.</summary>
public abstract record DimseOptions
{
    /// <summary>Longest P-DATA-TF that is taken from peers, in bytes; 128 KiB.</summary>
    public int MaxReceivePdu { get; init; } = 128 * 1024;

    /// <summary>Longest P-DATA-TF that is sent, where the peer takes more or any; 128 KiB.</summary>
    public int MaxSendPdu { get; init; } = 128 * 1024;

    /// <summary>Implementation Class UID (PS3.7 D.3.3.2).</summary>
    public string ImplementationClassUid { get; init; } = "2.25.190748823146290158936414526904152312047";

    /// <summary>Implementation Version Name, sixteen characters at most.</summary>
    public string ImplementationVersionName { get; init; } = "VNACLOUD";

    /// <summary>Time limits.</summary>
    public AssociationTimeouts Timeouts { get; init; } = AssociationTimeouts.Default;

    /// <summary>Limits on what peers send.</summary>
    public PduLimits Limits { get; init; } = PduLimits.Default;

    /// <summary>TLS; null is a clear connection.</summary>
    public DimseTlsOptions? Tls { get; init; }

    /// <summary>Who is told what happens.</summary>
    public DimseEvents Events { get; init; } = DimseEvents.None;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal LocalImplementation Local => new((uint)MaxReceivePdu, ImplementationClassUid, ImplementationVersionName);
}

/// <summary>A port that takes associations.</summary>
public sealed record DimseListenerOptions : DimseOptions
{
    /// <summary>Where it listens; 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port; 0 takes a free one, see <see cref="DimseListener.LocalEndPoint"/>.</summary>
    public int Port { get; init; } = 11112;

    /// <summary>Most associations at once; past it requests are refused with 2/3/2. 200.</summary>
    public int MaxAssociations { get; init; } = 200;

    /// <summary>How many of them are kept for acceptances with <see cref="AssociationAcceptance.MayUseReserved"/>; 20.</summary>
    public int ReservedAssociations { get; init; } = 20;

    /// <summary>Most associations of one peer address; those that may use the reserved places are not counted. 100.</summary>
    public int MaxAssociationsPerAddress { get; init; } = 100;

    /// <summary>Most associations of one calling AE title, from one address; 50.</summary>
    public int MaxAssociationsPerCallingAe { get; init; } = 50;

    /// <summary>
    /// Most connections that have not asked for an association yet; past it the oldest one of the address with the most goes, never the new
    /// one: who asks at once is heard. 500.
    /// </summary>
    public int MaxPendingConnections { get; init; } = 500;

    /// <summary>The same for one address; 100.</summary>
    public int MaxPendingPerAddress { get; init; } = 100;
}

/// <summary>An association to ask for.</summary>
public sealed record DimseConnectOptions : DimseOptions
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>Who is called.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>Who calls.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>Proposed contexts: identifiers odd and unique, 128 at most. <see cref="Propose"/> makes them.</summary>
    public required IReadOnlyList<ProposedContext> Contexts { get; init; }

    /// <summary>Roles of this side: for C-GET the SCP role in the storage classes, for a report of storage commitment SCP alone.</summary>
    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    /// <summary>Operations that this side would have outstanding, and take; null proposes nothing, which is one of each.</summary>
    public AsyncWindow? AsyncWindow { get; init; }

    /// <summary>SOP class extended negotiation.</summary>
    public IReadOnlyList<ExtendedNegotiation> Extended { get; init; } = [];

    /// <summary>SOP class common extended negotiation.</summary>
    public IReadOnlyList<CommonExtendedNegotiation> CommonExtended { get; init; } = [];

    /// <summary>User identity.</summary>
    public UserIdentity? Identity { get; init; }

    /// <summary>Answers operations of the peer: C-STORE of C-GET, N-EVENT-REPORT. Without, they are 0211H.</summary>
    public DimseHandler? Handler { get; init; }

    /// <summary>Roles where the peer answers without role selection; some leave it out (B11). SCU by default.</summary>
    public Func<string, ServiceRoles> RolesWithoutSelection { get; init; } = _ => ServiceRoles.Scu;

    /// <summary>This side's address, where it has several; null leaves it to the system.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Contexts for SOP classes with the identifiers 1, 3, 5 and so on.</summary>
    public static IReadOnlyList<ProposedContext> Propose(params IEnumerable<(string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes)> contexts) =>
        [.. contexts.Select((context, index) => new ProposedContext(checked((byte)(2 * index + 1)), context.AbstractSyntax, context.TransferSyntaxes))];
}
