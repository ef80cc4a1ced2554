namespace VnaCloud.Dimse.Tests;

/// <summary>B1 to B8: who is refused, with which codes, in which order; and what acceptance says.</summary>
public class RejectionTests
{
    [Theory]
    [InlineData("version", "1/2/2")]
    [InlineData("context", "1/1/2")]
    [InlineData("called", "1/1/7")]
    [InlineData("calling", "1/1/3")]
    [InlineData("policy", "1/1/1")]
    [InlineData("disk", "2/3/1")]
    [InlineData("throws", "2/3/1")]
    [InlineData("limit", "2/3/2")]
    [InlineData("everything", "1/2/2")]
    [InlineData("context and called", "1/1/2")]
    [InlineData("tiny PDU", "1/1/1")]
    public async Task Request_IsRefused_ByItsFirstFault_WithOneAnswer(string fault, string codes)
    {
        await using var scp = TestScp.Start(change: options => fault == "limit" ? options with { MaxAssociations = 1, ReservedAssociations = 1 } : options, policy: (offer, _) => new(offer.Request switch
        {
            { CalledAeTitle: not "SCP" } => AssociateReject.CalledAeNotRecognized,
            { CallingAeTitle: "POLICY" } => AssociateReject.NoReason,
            { CallingAeTitle: "DISK" } => AssociateReject.TemporaryCongestion,
            { CallingAeTitle: "THROWS" } => throw new InvalidOperationException("policy"),
            { CallingAeTitle: not "SCU" } => AssociateReject.CallingAeNotRecognized,
            _ => TestScp.Accept((_, _) => Task.FromResult(DimseResponse.Success)),
        }));
        var request = RawPeer.Request();
        request = fault switch
        {
            "version" => request with { ProtocolVersion = 2 },
            "context" => request with { ApplicationContext = "1.2.3" },
            "called" => request with { CalledAeTitle = "OTHER" },
            "calling" => request with { CallingAeTitle = "scu" },
            "policy" => request with { CallingAeTitle = "POLICY" },
            "disk" => request with { CallingAeTitle = "DISK" },
            "throws" => request with { CallingAeTitle = "THROWS" },
            "everything" => request with { ProtocolVersion = 0, ApplicationContext = "1.2.3", CalledAeTitle = "OTHER", CallingAeTitle = "OTHER" },
            "context and called" => request with { ApplicationContext = "1.2.3", CalledAeTitle = "OTHER" },
            "tiny PDU" => request with { User = request.User with { MaxPduLength = 7 } },
            _ => request,
        };
        using var peer = scp.Raw().Send(PduWriter.Write(request));
        var (type, body) = peer.Receive()!.Value;
        Assert.Equal(PduType.AssociateReject, type);
        Assert.Equal(codes, $"{body[1]}/{body[2]}/{body[3]}");
        Assert.Equal(codes, Assert.Single(scp.Rejected).ToString());
        // One answer, and no other: after the peer has closed its side nothing more comes.
        peer.CloseSending();
        Assert.True(peer.IsClosed());
        Assert.Empty(scp.Established);
    }

    [Fact]
    public async Task Contexts_EachGetsItsResult_TheSameSopClassManyTimes()
    {
        await using var scp = TestScp.Start(policy: (_, _) => new(new AssociationAcceptance((_, _) => Task.FromResult(DimseResponse.Success),
            context => context.AbstractSyntax == TestScp.StudyRootFind ? ContextChoice.AbstractSyntaxNotSupported : ContextChoice.Prefer(context, [TestScp.ExplicitLittle, TestScp.ImplicitLittle]))));
        List<ProposedContext> contexts =
        [
            new(1, TestScp.CtStorage, ["1.2.840.10008.1.2.4.90"]), new(3, TestScp.CtStorage, [TestScp.ImplicitLittle, TestScp.ExplicitLittle]),
            new(5, TestScp.CtStorage, [TestScp.ImplicitLittle]), new(7, TestScp.StudyRootFind, [TestScp.ExplicitLittle]),
        ];
        using var peer = scp.Raw().Send(PduWriter.Write(RawPeer.Request(contexts: contexts)));
        var accept = AssociateParser.Accept(peer.Receive()!.Value.Body, PduLimits.Default);
        Assert.Equal(
            [(1, ContextDecision.TransferSyntaxesNotSupported, "1.2.840.10008.1.2.4.90"), (3, ContextDecision.Acceptance, TestScp.ExplicitLittle),
                (5, ContextDecision.Acceptance, TestScp.ImplicitLittle), (7, ContextDecision.AbstractSyntaxNotSupported, TestScp.ExplicitLittle)],
            accept.Contexts.Select(context => ((int)context.Id, context.Result, context.TransferSyntax)));
        Assert.Null(accept.User.AsyncWindow);
        Assert.Equal(131072u, accept.User.MaxPduLength);
        await TestScp.UntilAsync(() => !scp.Established.IsEmpty, "association");
        Assert.Equal([1, 7], Assert.Single(scp.Established).RefusedContexts.Select(context => (int)context.Id));
    }

    [Fact]
    public async Task Contexts_NoneAccepted_IsAnAssociationAllTheSame()
    {
        await using var scp = TestScp.Start(policy: (_, _) => new(new AssociationAcceptance((_, _) => Task.FromResult(DimseResponse.Success), _ => ContextChoice.AbstractSyntaxNotSupported)));
        await using var association = await scp.ConnectAsync();
        Assert.Empty(association.Contexts);
        Assert.Equal(6, association.RefusedContexts.Count);
        await Assert.ThrowsAsync<InvalidOperationException>(() => association.EchoAsync());
        await association.ReleaseAsync();
        Assert.Equal(AssociationEndCause.Released, (await association.Completion).Cause);
    }

    [Fact]
    public async Task Contexts_128AreTaken()
    {
        await using var scp = TestScp.Start();
        var contexts = DimseConnectOptions.Propose(Enumerable.Range(0, 128).Select(i => (i == 127 ? DimseAssociation.Verification : $"1.2.{i}", (IReadOnlyList<string>)[TestScp.ImplicitLittle])));
        await using var association = await DimseAssociation.ConnectAsync(scp.Client() with { Contexts = contexts });
        Assert.Equal(128, association.Contexts.Count);
        Assert.True((await association.EchoAsync()).Status.IsSuccess);
        Assert.Throws<OverflowException>(() => DimseConnectOptions.Propose(Enumerable.Range(0, 129).Select(i => ($"1.2.{i}", (IReadOnlyList<string>)["1.2"]))));
    }

    [Theory]
    [InlineData(5, 5, 3, 2, 3, 2)]
    [InlineData(0, 0, 8, 8, 8, 8)]
    [InlineData(2, 1, 0, 0, 2, 1)]
    public void AsyncWindow_IsTheSmallerOfBoth(int invoked, int performed, int mostInvoked, int mostPerformed, int agreedInvoked, int agreedPerformed)
    {
        var request = RawPeer.Request() with { User = new UserInformation { AsyncWindow = new((ushort)invoked, (ushort)performed) } };
        var acceptance = TestScp.Accept((_, _) => Task.FromResult(DimseResponse.Success)) with { AsyncWindow = new((ushort)mostInvoked, (ushort)mostPerformed) };
        var accept = Negotiator.Answer(request, acceptance, new LocalImplementation(16384, "1.2", "X"));
        Assert.Equal(new AsyncWindow((ushort)agreedInvoked, (ushort)agreedPerformed), accept.User.AsyncWindow);
    }

    [Theory]
    [InlineData(null, ServiceRoles.Scu | ServiceRoles.Scp, ServiceRoles.Scu)]
    [InlineData(ServiceRoles.Scp, ServiceRoles.Scu | ServiceRoles.Scp, ServiceRoles.Scp)]
    [InlineData(ServiceRoles.Scu | ServiceRoles.Scp, ServiceRoles.Scp, ServiceRoles.Scp)]
    [InlineData(ServiceRoles.Scp, ServiceRoles.None, ServiceRoles.None)]
    public void Roles_AreThoseProposedAndAllowed_ScuWithoutSelection(ServiceRoles? proposed, ServiceRoles allowed, ServiceRoles agreed)
    {
        var request = RawPeer.Request() with { User = new UserInformation { Roles = proposed is { } roles ? [new(TestScp.CtStorage, roles)] : [] } };
        var acceptance = TestScp.Accept((_, _) => Task.FromResult(DimseResponse.Success)) with { Roles = _ => allowed };
        var accept = Negotiator.Answer(request, acceptance, new LocalImplementation(16384, "1.2", "X"));
        Assert.Equal(agreed, Negotiator.Agreed(request, accept).Single(context => context.AbstractSyntax == TestScp.CtStorage).RequestorRoles);
        Assert.Equal(proposed is null ? 0 : 1, accept.User.Roles.Count);
    }

    [Fact]
    public void ExtendedNegotiation_IsAnsweredWhereAsked_IdentityWhereAPositiveResponseIsWanted()
    {
        var acceptance = TestScp.Accept((_, _) => Task.FromResult(DimseResponse.Success)) with
        {
            Extended = [new(TestScp.StudyRootFind, new byte[] { 1 }), new(TestScp.StudyRootMove, new byte[] { 1 })], IdentityAnswer = new byte[] { 9 },
        };
        var asked = Negotiator.Answer(SamplePdus.FullRequest, acceptance, new LocalImplementation(16384, "1.2", "X"));
        Assert.Equal(TestScp.StudyRootFind, Assert.Single(asked.User.Extended).SopClassUid);
        Assert.NotNull(asked.User.IdentityAnswer);
        var silent = SamplePdus.FullRequest with { User = SamplePdus.FullRequest.User with { Identity = SamplePdus.FullRequest.User.Identity! with { PositiveResponseRequested = false } } };
        Assert.Null(Negotiator.Answer(silent, acceptance, new LocalImplementation(16384, "1.2", "X")).User.IdentityAnswer);
    }

    [Fact]
    public void Answer_ToWhatWasNotProposed_IsNoContext()
    {
        var request = RawPeer.Request();
        var accept = new AssociateAccept
        {
            CalledAeTitle = "", CallingAeTitle = "", User = new UserInformation(),
            Contexts = [new(1, ContextDecision.Acceptance, TestScp.ExplicitLittle), new(99, ContextDecision.Acceptance, TestScp.ImplicitLittle), new(3, ContextDecision.Acceptance, TestScp.ExplicitLittle)],
        };
        Assert.Equal(3, Assert.Single(Negotiator.Agreed(request, accept)).Id);
    }
}
