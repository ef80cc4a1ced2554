using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.Dimse;

/// <summary>A request for an association and where it came from: what a policy decides upon.</summary>
/// <param name="Request">The A-ASSOCIATE-RQ. Its protocol version and application context are supported.</param>
/// <param name="Remote">The peer's address and port.</param>
/// <param name="Local">The address and port that it called.</param>
/// <param name="ClientCertificate">The peer's certificate, verified; null without mutual TLS.</param>
public sealed record AssociationOffer(AssociateRequest Request, IPEndPoint Remote, IPEndPoint Local, X509Certificate2? ClientCertificate);

/// <summary>The answer to an <see cref="AssociationOffer"/>.</summary>
public abstract record AssociationDecision
{
    private protected AssociationDecision()
    {
    }

    /// <summary>A-ASSOCIATE-RJ with these codes.</summary>
    public static implicit operator AssociationDecision(AssociateReject reject) => new AssociationRejection(reject);

    /// <summary>A-ASSOCIATE-RJ with these codes.</summary>
    public static AssociationDecision FromAssociateReject(AssociateReject reject) => reject;
}

/// <summary>A-ASSOCIATE-RJ.</summary>
/// <param name="Reject">Its codes.</param>
public sealed record AssociationRejection(AssociateReject Reject) : AssociationDecision;

/// <summary>A-ASSOCIATE-AC, unless a limit of the listener is reached. It is legal that no context is accepted.</summary>
/// <param name="Handler">Answers the operations of this association.</param>
/// <param name="Contexts">Decides on each proposed context.</param>
public sealed record AssociationAcceptance(DimseHandler Handler, Func<ProposedContext, ContextChoice> Contexts) : AssociationDecision
{
    /// <summary>
    /// Roles that the requestor may take in a SOP class, asked for each role selection; what was not proposed is not accepted. The default
    /// takes all that is proposed: C-GET needs it.
    /// </summary>
    public Func<RoleSelection, ServiceRoles> Roles { get; init; } = role => role.Roles;

    /// <summary>Roles of the requestor in SOP classes without role selection; for peers that leave it out. SCU alone by default (PS3.7 D.3.3.4).</summary>
    public Func<string, ServiceRoles> RolesWithoutSelection { get; init; } = _ => ServiceRoles.Scu;

    /// <summary>Most operations outstanding, from the requestor and to it; asked for only where the requestor proposes a window.</summary>
    public AsyncWindow AsyncWindow { get; init; } = new(8, 8);

    /// <summary>Answers to the extended negotiations; none by default. Say only what is supported.</summary>
    public IReadOnlyList<ExtendedNegotiation> Extended { get; init; } = [];

    /// <summary>Sent when the requestor asked for a positive response to its user identity (PS3.7 D.3.3.7); null leaves it out.</summary>
    public ReadOnlyMemory<byte>? IdentityAnswer { get; init; }

    /// <summary>May use the places that <see cref="DimseListenerOptions.ReservedAssociations"/> keeps free for peers that are known.</summary>
    public bool MayUseReserved { get; init; }

    /// <summary>Most associations of this calling AE at once; null: <see cref="DimseListenerOptions.MaxAssociationsPerCallingAe"/>.</summary>
    public int? MaxAssociationsOfCallingAe { get; init; }

    /// <summary>Time limits of this association; null: the listener's.</summary>
    public AssociationTimeouts? Timeouts { get; init; }
}

/// <summary>The decision on one proposed context.</summary>
/// <param name="Decision">Result.</param>
/// <param name="TransferSyntax">The one that is accepted, one of those proposed.</param>
public readonly record struct ContextChoice(ContextDecision Decision, string? TransferSyntax = null)
{
    /// <summary>The SOP class is not supported.</summary>
    public static ContextChoice AbstractSyntaxNotSupported { get; } = new(ContextDecision.AbstractSyntaxNotSupported);

    /// <summary>Accepts the first of <paramref name="preferred"/> that is proposed.</summary>
    public static ContextChoice Prefer(ProposedContext context, IEnumerable<string> preferred)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(preferred);
        return Of(preferred.FirstOrDefault(context.TransferSyntaxes.Contains));
    }

    /// <summary>Accepts the first proposed one, in the requestor's order, that is supported.</summary>
    public static ContextChoice InProposedOrder(ProposedContext context, Func<string, bool> isSupported)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Of(context.TransferSyntaxes.FirstOrDefault(isSupported));
    }

    private static ContextChoice Of(string? syntax) =>
        syntax is null ? new(ContextDecision.TransferSyntaxesNotSupported) : new(ContextDecision.Acceptance, syntax);
}
