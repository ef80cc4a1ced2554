namespace VnaCloud.Dimse;

/// <summary>The first byte of a PDU (PS3.8 section 9.3.1).</summary>
internal enum PduType : byte
{
    AssociateRequest = 1,
    AssociateAccept = 2,
    AssociateReject = 3,
    Data = 4,
    ReleaseRequest = 5,
    ReleaseResponse = 6,
    Abort = 7,
}

/// <summary>The first byte of an item in A-ASSOCIATE-RQ and -AC (PS3.8 section 9.3.2 and Annex D, PS3.7 Annex D.3.3).</summary>
internal enum ItemType : byte
{
    ApplicationContext = 0x10,
    ProposedContext = 0x20,
    ContextResult = 0x21,
    AbstractSyntax = 0x30,
    TransferSyntax = 0x40,
    UserInformation = 0x50,
    MaximumLength = 0x51,
    ImplementationClassUid = 0x52,
    AsynchronousOperationsWindow = 0x53,
    RoleSelection = 0x54,
    ImplementationVersionName = 0x55,
    SopClassExtendedNegotiation = 0x56,
    SopClassCommonExtendedNegotiation = 0x57,
    UserIdentity = 0x58,
    UserIdentityAnswer = 0x59,
}
