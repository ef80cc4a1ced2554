namespace VnaCloud.Dimse.Tests;

/// <summary>B5 and attack 77: who gets a place when there are too many.</summary>
public class LimitTests
{
    [Fact]
    public async Task Associations_PastTheLimit_AreRefusedTransiently_AndTakenWhenOneEnds()
    {
        await using var scp = TestScp.Start(change: options => options with { MaxAssociations = 3, ReservedAssociations = 1 });
        await using var first = await scp.ConnectAsync();
        await using var second = await scp.ConnectAsync();
        var error = await Assert.ThrowsAsync<AssociationException>(scp.ConnectAsync);
        Assert.Equal(AssociateReject.LocalLimitExceeded, error.End.Reject);
        Assert.True(error.End.Reject!.IsTransient);
        await first.ReleaseAsync();
        await TestScp.UntilAsync(() => scp.Ends.Count == 1 && scp.Listener.Associations.Count == 1, "free place");
        await using var third = await scp.ConnectAsync();
        Assert.True((await third.EchoAsync()).Status.IsSuccess);
    }

    [Fact]
    public async Task ReservedPlaces_AreForThosePeersThatThePolicyKnows()
    {
        await using var scp = TestScp.Start(change: options => options with { MaxAssociations = 3, ReservedAssociations = 2 }, policy: (offer, _) =>
            new(TestScp.Accept((_, _) => Task.FromResult(DimseResponse.Success)) with { MayUseReserved = offer.Request.CallingAeTitle == "KNOWN" }));
        await using var stranger = await scp.ConnectAsync();
        await Assert.ThrowsAsync<AssociationException>(scp.ConnectAsync);
        await using var known = await DimseAssociation.ConnectAsync(scp.Client() with { CallingAeTitle = "KNOWN" });
        await using var again = await DimseAssociation.ConnectAsync(scp.Client() with { CallingAeTitle = "KNOWN" });
        await Assert.ThrowsAsync<AssociationException>(() => DimseAssociation.ConnectAsync(scp.Client() with { CallingAeTitle = "KNOWN" }));
    }

    [Fact]
    public async Task CallingAeAndAddress_HaveLimitsOfTheirOwn()
    {
        await using var scp = TestScp.Start(change: options => options with { MaxAssociationsPerCallingAe = 1, MaxAssociationsPerAddress = 2 });
        await using var one = await scp.ConnectAsync();
        await Assert.ThrowsAsync<AssociationException>(scp.ConnectAsync);
        await using var other = await DimseAssociation.ConnectAsync(scp.Client() with { CallingAeTitle = "OTHER" });
        await Assert.ThrowsAsync<AssociationException>(() => DimseAssociation.ConnectAsync(scp.Client() with { CallingAeTitle = "THIRD" }));
        await using var elsewhere = await DimseAssociation.ConnectAsync(scp.Client() with { LocalAddress = System.Net.IPAddress.Parse("127.0.0.2") });
        Assert.Equal("127.0.0.2", elsewhere.Offer.Local.Address.ToString());
        Assert.All(scp.Rejected, reject => Assert.Equal(AssociateReject.LocalLimitExceeded, reject));
    }

    [Fact]
    public async Task PendingConnections_PastTheLimit_TheOldestOfTheBusiestAddressGoes()
    {
        await using var scp = TestScp.Start(change: options => options with { MaxPendingConnections = 4, MaxPendingPerAddress = 3 });
        using var lonely = scp.Raw("127.0.0.9");
        var crowd = new List<RawPeer>();
        for (var i = 0; i < 4; i++)
        {
            crowd.Add(scp.Raw("127.0.0.2"));
        }
        Assert.True(crowd[0].IsClosed());
        using var another = scp.Raw("127.0.0.3");
        Assert.True(crowd[1].IsClosed());
        // The one that waits alone was there before all of them.
        lonely.Associate();
        await using var honest = await scp.ConnectAsync();
        Assert.True((await honest.EchoAsync()).Status.IsSuccess);
        crowd.ForEach(peer => peer.Dispose());
    }
}
