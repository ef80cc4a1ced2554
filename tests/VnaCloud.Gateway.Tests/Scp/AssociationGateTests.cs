using System.Net;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Remotes;
using VnaCloud.Gateway.Scp;

namespace VnaCloud.Gateway.Tests.Scp;

public sealed class AssociationGateTests
{
    private const string Ct = Site.CtStorage;
    private const string Private = "1.3.46.670589.2.5.1.1";
    private const string JpegLossless = "1.2.840.10008.1.2.4.70";
    private const string JpegBaseline = "1.2.840.10008.1.2.4.50";
    private const string Explicit = "1.2.840.10008.1.2.1";
    private const string Implicit = "1.2.840.10008.1.2";

    [Theory]
    [Trait("gateway", "B1")]
    [Trait("attack", "79")]
    [InlineData("CT1", "VNACLOUD", "10.0.0.7", "accepted")]
    [InlineData("CT1", "OTHER", "10.0.0.7", "1/1/7")]
    [InlineData("STRANGER", "VNACLOUD", "10.0.0.7", "1/1/3")]
    [InlineData("ct1", "VNACLOUD", "10.0.0.7", "1/1/3")] // case matters
    [InlineData("CT1", "VNACLOUD", "10.0.0.8", "1/1/3")] // the right title from another machine
    [InlineData("WS1", "VNACLOUD", "10.1.9.9", "accepted")] // of a network
    [InlineData("WS1", "VNACLOUD", "10.2.0.1", "1/1/3")]
    [InlineData("ANY", "VNACLOUD", "192.0.2.1", "accepted")]
    public async Task Table_SaysWhoMayCall(string calling, string called, string from, string expected)
    {
        RemoteAe[] table = [new() { AeTitle = "CT1", Host = "10.0.0.7" }, new() { AeTitle = "WS1", Addresses = ["10.1.0.0/16"] }, new() { AeTitle = "ANY" }];
        Assert.Equal(expected, await AskAsync(table, "0.0.0.0", Offer(calling, called, from, (Ct, [Explicit]))));
    }

    [Theory]
    [InlineData("127.0.0.1", "accepted")]
    [InlineData("0.0.0.0", "1/1/3")]
    [InlineData("10.0.0.1", "1/1/3")]
    public async Task EmptyTable_LetsAnybodyInOnLoopbackAndNobodyElsewhere(string listening, string expected) =>
        Assert.Equal(expected, await AskAsync([], listening, Offer("WHOEVER", "VNACLOUD", "127.0.0.5", (Ct, [Explicit]))));

    [Fact]
    public async Task Certificate_ThatIsAskedFor_MustBeThere() => Assert.Equal("1/1/3",
        await AskAsync([new RemoteAe { AeTitle = "CT1", CertificateName = "ct1.example" }], "0.0.0.0", Offer("CT1", "VNACLOUD", "10.0.0.7", (Ct, [Explicit]))));

    [Fact]
    [Trait("gateway", "B2")]
    [Trait("gateway", "B31")]
    public async Task FullSpool_TurnsAwayWhoOnlyStores_Transiently()
    {
        var gate = Gate([], "127.0.0.1", isFull: true);
        Assert.Equal("2/3/1", Said(await gate.DecideAsync(Offer("A", "VNACLOUD", "127.0.0.1", (Ct, [Explicit])), default)));
        Assert.Equal("accepted", Said(await gate.DecideAsync(Offer("A", "VNACLOUD", "127.0.0.1", (Ct, [Explicit]), (DimseAssociation.Verification, [Implicit])), default)));
    }

    [Theory]
    [Trait("gateway", "B9")]
    [InlineData(Ct, Explicit, Implicit, Explicit)]
    [InlineData(Ct, Implicit, Explicit, Explicit)]
    [InlineData(Ct, Implicit, "1.2.3", Implicit)]
    [InlineData(Ct, Explicit, JpegLossless, JpegLossless)] // as it is compressed on the device
    [InlineData(Ct, JpegBaseline, JpegLossless, JpegLossless)]
    [InlineData(Ct, "1.2.3", "1.2.4", null)] // never what the archive may refuse
    [InlineData(Private, Explicit, Implicit, null)]
    [InlineData(DimseAssociation.Verification, Implicit, Explicit, Explicit)]
    public async Task Context_GetsTheSyntaxThatKeepsTheEncoding(string sopClass, string first, string second, string? chosen)
    {
        var offer = Offer("A", "VNACLOUD", "127.0.0.1", (sopClass, [first, second]));
        Assert.Equal(chosen, await ChosenAsync(new RemoteAe { AeTitle = "A" }, offer));
    }

    [Fact]
    [Trait("gateway", "B10")]
    public async Task Device_HasItsOwnClassesAndSyntaxes()
    {
        var remote = new RemoteAe { AeTitle = "A", PrivateSopClasses = [Private], TransferSyntaxes = [Implicit] };
        Assert.Equal(Implicit, await ChosenAsync(remote, Offer("A", "VNACLOUD", "127.0.0.1", (Private, [Explicit, Implicit]))));
        Assert.Null(await ChosenAsync(new RemoteAe { AeTitle = "A", MayStore = false, MayQuery = false }, Offer("A", "VNACLOUD", "127.0.0.1", (Ct, [Explicit]))));
    }

    [Fact]
    [Trait("gateway", "B16")]
    public async Task ExtendedNegotiation_AnswersOnlyWhatIsSupported()
    {
        var offer = Offer("A", "VNACLOUD", "127.0.0.1", (Site.StudyRootFind, [Explicit]));
        ExtendedNegotiation[] asked = [new(Site.StudyRootFind, new byte[] { 1, 1, 1, 1, 1 }), new(Ct, new byte[] { 2 })];
        offer = offer with { Request = offer.Request with { User = offer.Request.User with { Extended = asked } } };
        var answer = Assert.Single(((AssociationAcceptance)await Gate([], "127.0.0.1").DecideAsync(offer, default)).Extended);
        Assert.Equal((Site.StudyRootFind, "01-00-01"), (answer.SopClassUid, BitConverter.ToString(answer.Information.ToArray())));
    }

    private static async Task<string?> ChosenAsync(RemoteAe remote, AssociationOffer offer)
    {
        var acceptance = (AssociationAcceptance)await Gate([remote], "127.0.0.1").DecideAsync(offer, default);
        var choice = acceptance.Contexts(offer.Request.Contexts[0]);
        return choice.Decision == ContextDecision.Acceptance ? choice.TransferSyntax : null;
    }

    private static async Task<string> AskAsync(RemoteAe[] table, string listening, AssociationOffer offer) => Said(await Gate(table, listening).DecideAsync(offer, default));

    private static string Said(AssociationDecision decision) => decision is AssociationRejection rejection ? rejection.Reject.ToString() : "accepted";

    private static AssociationGate Gate(RemoteAe[] table, string listening, bool isFull = false) => new(
        Site.AeTitle, new RemoteAes(table, IPAddress.Parse(listening)), () => isFull, _ => (_, _) => Task.FromResult(DimseResponse.Success));

    private static AssociationOffer Offer(string calling, string called, string from, params (string SopClass, string[] Syntaxes)[] contexts) => new(
        new AssociateRequest
        {
            CallingAeTitle = calling,
            CalledAeTitle = called,
            Contexts = DimseConnectOptions.Propose(contexts.Select(context => (context.SopClass, (IReadOnlyList<string>)context.Syntaxes))),
            User = new UserInformation { MaxPduLength = 16_384 },
        },
        new IPEndPoint(IPAddress.Parse(from), 40_000), new IPEndPoint(IPAddress.Loopback, 11_112), null);
}
