namespace VnaCloud.Dimse;

/// <summary>States of the upper layer (PS3.8 Tables 9-1 to 9-5).</summary>
internal enum UpperLayerState
{
    Idle = 1,
    AwaitingRequest = 2,
    AwaitingLocalResponse = 3,
    AwaitingTransport = 4,
    AwaitingAnswer = 5,
    Established = 6,
    AwaitingReleaseResponse = 7,
    AwaitingLocalReleaseResponse = 8,
    CollisionRequestorAwaitingLocal = 9,
    CollisionAcceptorAwaitingPeer = 10,
    CollisionRequestorAwaitingPeer = 11,
    CollisionAcceptorAwaitingLocal = 12,
    AwaitingClose = 13,
}

/// <summary>Events of Table 9-10, numbered as there.</summary>
internal enum UpperLayerEvent
{
    AssociateRequestPrimitive = 1,
    TransportConfirmed = 2,
    AssociateAcceptPdu = 3,
    AssociateRejectPdu = 4,
    TransportIndicated = 5,
    AssociateRequestPdu = 6,
    AcceptPrimitive = 7,
    RejectPrimitive = 8,
    DataPrimitive = 9,
    DataPdu = 10,
    ReleaseRequestPrimitive = 11,
    ReleaseRequestPdu = 12,
    ReleaseResponsePdu = 13,
    ReleaseResponsePrimitive = 14,
    AbortPrimitive = 15,
    AbortPdu = 16,
    TransportClosed = 17,
    ArtimExpired = 18,
    InvalidPdu = 19,
}

/// <summary>What an action does, in the words of PS3.8 Tables 9-6 to 9-9.</summary>
internal enum UpperLayerEffect
{
    ConnectTransport,
    AcceptTransport,
    SendAssociateRequest,
    SendAssociateAccept,
    SendAssociateReject,
    SendData,
    SendReleaseRequest,
    SendReleaseResponse,
    SendAbortByUser,
    SendAbortByProvider,
    StartArtim,
    StopArtim,
    CloseTransport,
    IndicateAssociate,
    ConfirmAccept,
    ConfirmReject,
    IndicateData,
    IndicateRelease,
    ConfirmRelease,
    IndicateAbort,
    IndicateProviderAbort,
}

/// <summary>An action of PS3.8 Tables 9-6 to 9-9.</summary>
/// <param name="Name">As the standard names it.</param>
/// <param name="Next">The state after it.</param>
/// <param name="Effects">What it does, in order.</param>
/// <param name="Otherwise">AE-6: the request is not acceptable to the provider; AR-8: this side did not ask for the association.</param>
internal sealed record UpperLayerAction(string Name, UpperLayerState Next, IReadOnlyList<UpperLayerEffect> Effects, UpperLayerAction? Otherwise = null)
{
    public bool Has(UpperLayerEffect effect) => Effects.Contains(effect);
}
