using System.Net;

namespace VnaCloud.Dimse;

/// <summary>What happens to associations, for logs and counters: each is called where it happens and must be quick. None carries patient data.</summary>
public sealed record DimseEvents
{
    /// <summary>Nobody listens.</summary>
    public static readonly DimseEvents None = new();

    /// <summary>An association is established; its refused contexts are in <see cref="DimseAssociation.RefusedContexts"/>.</summary>
    public Action<DimseAssociation>? Established { get; init; }

    /// <summary>A request was refused with these codes.</summary>
    public Action<AssociationOffer, AssociateReject>? Rejected { get; init; }

    /// <summary>An association that was established ended.</summary>
    public Action<DimseAssociation, AssociationEnd>? Ended { get; init; }

    /// <summary>A connection ended before there was an association: silence, bytes that are no DICOM, a failed TLS handshake, or one too many.</summary>
    public Action<IPEndPoint, AssociationEnd>? Dropped { get; init; }

    /// <summary>A handler threw, and was answered for.</summary>
    public Action<DimseRequest, Exception>? HandlerFailed { get; init; }

    /// <summary>A policy or the accepting of connections threw.</summary>
    public Action<Exception>? Failed { get; init; }
}
