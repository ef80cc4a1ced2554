using VnaCloud.Dimse;
using VnaCloud.Gateway.Query;
using VnaCloud.Gateway.Remotes;

namespace VnaCloud.Gateway.Scp;

/// <summary>Decides who gets an association and for what (checklist gateway B1 to B11). Checked in this order: called AE, calling AE, room.</summary>
/// <param name="aeTitle">The gateway's.</param>
/// <param name="remotes">Who is known.</param>
/// <param name="isFull">Whether the spool refuses objects now.</param>
/// <param name="handler">Answers an association of a peer.</param>
internal sealed class AssociationGate(string aeTitle, RemoteAes remotes, Func<bool> isFull, Func<RemoteAe, DimseHandler> handler)
{
    /// <summary>The listener's policy.</summary>
    public ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(Decide(offer));
    }

    private AssociationDecision Decide(AssociationOffer offer)
    {
        var request = offer.Request;
        if (request.CalledAeTitle != aeTitle)
        {
            return AssociateReject.CalledAeNotRecognized;
        }
        if (remotes.Find(request.CallingAeTitle, offer.Remote.Address, offer.ClientCertificate) is not { } remote)
        {
            return AssociateReject.CallingAeNotRecognized;
        }
        // Who only wants to store is told to come back; everything else is answered while the disk is full.
        if (isFull() && request.Contexts.All(context => IsStored(remote, context.AbstractSyntax)))
        {
            return AssociateReject.TemporaryCongestion;
        }
        return new AssociationAcceptance(handler(remote), context => Choose(remote, context))
        {
            MayUseReserved = true,
            MaxAssociationsOfCallingAe = remote.MaxAssociations,
            RolesWithoutSelection = sopClass => remote.IgnoresRoles && IsStored(remote, sopClass) ? ServiceRoles.Scu | ServiceRoles.Scp : ServiceRoles.Scu,
            Extended = [.. request.User.Extended.Select(Answer).OfType<ExtendedNegotiation>()],
        };
    }

    /// <summary>Whether C-STORE of a class is taken from a peer.</summary>
    public static bool IsStored(RemoteAe remote, string sopClass) => StorageClasses.IsStorage(sopClass) || remote.PrivateSopClasses.Contains(sopClass);

    /// <summary>What the association agreed on for queries of a SOP class (PS3.4 C.5.1.1: relational, combined datetime, fuzzy names).</summary>
    public static QueryOptions OptionsOf(DimseAssociation association, string sopClass) =>
        association.Peer.Extended.FirstOrDefault(extended => extended.SopClassUid == sopClass) is { } asked
            ? new QueryOptions(Relational: Asks(asked, 0), FuzzyNames: Asks(asked, 2))
            : default;

    private static ContextChoice Choose(RemoteAe remote, ProposedContext context) => context.AbstractSyntax switch
    {
        DimseAssociation.Verification => ContextChoice.Prefer(context, StorageClasses.PlainSyntaxes),
        SopClasses.StorageCommitment when remote.MayStore => ContextChoice.Prefer(context, StorageClasses.PlainSyntaxes),
        var query when SopClasses.Query(query) is not null => remote.MayQuery ? ContextChoice.Prefer(context, StorageClasses.PlainSyntaxes) : new(ContextDecision.UserRejection),
        var stored when IsStored(remote, stored) => remote.MayStore || remote.MayQuery ? ContextChoice.Prefer(context, Syntaxes(remote)) : new(ContextDecision.UserRejection),
        _ => ContextChoice.AbstractSyntaxNotSupported,
    };

    private static IEnumerable<string> Syntaxes(RemoteAe remote) => remote.TransferSyntaxes.Length > 0 ? remote.TransferSyntaxes : StorageClasses.Syntaxes;

    // Only what is supported is answered: relational queries and retrieval, and fuzzy names in queries.
    private static ExtendedNegotiation? Answer(ExtendedNegotiation asked) => SopClasses.Query(asked.SopClassUid) switch
    {
        { Operation: QueryOperation.Find } => asked with { Information = new byte[] { Bit(asked, 0), 0, Bit(asked, 2) } },
        not null => asked with { Information = new byte[] { Bit(asked, 0) } },
        null => null,
    };

    private static bool Asks(ExtendedNegotiation asked, int option) => Bit(asked, option) == 1;

    private static byte Bit(ExtendedNegotiation asked, int option) => asked.Information.Length > option && asked.Information.Span[option] == 1 ? (byte)1 : (byte)0;
}
