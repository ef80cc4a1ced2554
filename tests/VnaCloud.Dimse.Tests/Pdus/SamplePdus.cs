namespace VnaCloud.Dimse.Tests;

/// <summary>A-ASSOCIATE-RQ and -AC with every item there is.</summary>
internal static class SamplePdus
{
    public static AssociateRequest FullRequest { get; } = new()
    {
        CalledAeTitle = "ARCHIVE",
        CallingAeTitle = "MODALITY 1",
        Contexts = [new(1, DimseAssociation.Verification, [TestScp.ImplicitLittle]), new(3, TestScp.CtStorage, [TestScp.ExplicitLittle, TestScp.ImplicitLittle]), new(255, TestScp.StudyRootFind, [TestScp.ExplicitLittle])],
        User = new UserInformation
        {
            MaxPduLength = 131072,
            ImplementationClassUid = "1.2.3.4",
            ImplementationVersionName = "TEST_1",
            AsyncWindow = new(5, 3),
            Roles = [new(TestScp.CtStorage, ServiceRoles.Scp), new(TestScp.StorageCommitment, ServiceRoles.Scu | ServiceRoles.Scp)],
            Extended = [new(TestScp.StudyRootFind, new byte[] { 1, 0, 1, 1 })],
            CommonExtended = [new("1.2.3", "1.2.840.10008.4.2", ["1.2.3.4", "1.2.3.5"]), new("1.2.4", "1.2.840.10008.4.2", [])],
            Identity = new UserIdentity(UserIdentityKind.UserNameAndPasscode, true, "jane"u8.ToArray(), "secret"u8.ToArray()),
        },
    };

    public static AssociateAccept FullAccept { get; } = new()
    {
        CalledAeTitle = "ARCHIVE",
        CallingAeTitle = "MODALITY 1",
        Contexts = [new(1, ContextDecision.Acceptance, TestScp.ImplicitLittle), new(3, ContextDecision.TransferSyntaxesNotSupported, ""), new(5, ContextDecision.AbstractSyntaxNotSupported, TestScp.ExplicitLittle)],
        User = new UserInformation { MaxPduLength = 0, ImplementationClassUid = "1.2", AsyncWindow = new(0, 1), Roles = [new(TestScp.CtStorage, ServiceRoles.Scp)], IdentityAnswer = new byte[] { 1, 2, 3 } },
    };

    /// <summary>What a PDU parses to, written again; throws for what is none.</summary>
    public static byte[] Rewrite(byte[] pdu)
    {
        var (type, length) = MessageReader.Header(pdu, PduLimits.Default);
        if (length != pdu.Length - 6)
        {
            throw new PduFormatException(PduFault.InvalidParameter, "length");
        }
        return type switch
        {
            PduType.AssociateRequest => PduWriter.Write(AssociateParser.Request(pdu.AsSpan(6), PduLimits.Default)),
            PduType.AssociateAccept => PduWriter.Write(AssociateParser.Accept(pdu.AsSpan(6), PduLimits.Default)),
            PduType.AssociateReject => PduWriter.Write(new AssociateReject(pdu[7], pdu[8], pdu[9])),
            PduType.Abort => PduWriter.Write(new AbortPdu(pdu[8], pdu[9])),
            PduType.ReleaseRequest => PduWriter.ReleaseRequest(),
            PduType.ReleaseResponse => PduWriter.ReleaseResponse(),
            _ => pdu,
        };
    }
}
