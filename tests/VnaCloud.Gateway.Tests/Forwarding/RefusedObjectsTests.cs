namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>Archives that do not take some objects: these alone are set aside, never dropped (checklist gateway, store and forward e).</summary>
public sealed class RefusedObjectsTests
{
    [Fact]
    public async Task Instances_ThatFail_AreTriedAgainOrSetAside_EachByItsReason()
    {
        var full = 0;
        await using var archive = new ScriptedArchive((request, self) => self.StoreAsync(request, sop => sop switch
        {
            "1.2.9.2" => 0x0111,
            "1.2.9.3" => 0xA900,
            "1.2.9.4" => 0xC000,
            "1.2.9.5" when Interlocked.Increment(ref full) <= 5 => 0xA700,
            "1.2.9.6" when full <= 3 => 0x0110,
            _ => null,
        }));
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(10);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Assert.Equal([0x0111, 0xA900, 0xC000], forwarding.Spool.Spool.Quarantine.Latest(10).Select(entry => entry.Code).Order());
        Arrived.RequireOnce(archive, [.. sops.Except(["1.2.9.2", "1.2.9.3", "1.2.9.4"])]);
        Assert.Equal(1, archive.Requests.Count(request => request.Sops.Contains("1.2.9.2")));
        Assert.Equal(3, archive.Requests.Count(request => request.Sops.Contains("1.2.9.3")));
        Assert.Equal(6, archive.Requests.Count(request => request.Sops.Contains("1.2.9.5")));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(409)]
    [InlineData(415)]
    public async Task Poison_ThatMakesItsBatchRefused_IsFoundByHalving_AndSetAsideAlone(int status)
    {
        await using var archive = new ScriptedArchive((request, self) =>
            request.Sops.Contains("1.2.9.7") ? request.Exchange.AnswerAsync(status) : self.StoreAsync(request));
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(20);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Arrived.RequireOnce(archive, [.. sops.Except(["1.2.9.7"])]);
        Assert.Equal(status, Assert.Single(forwarding.Spool.Spool.Quarantine.Latest(10)).Code);
        Assert.Equal(3, archive.Requests.Count(request => request.Sops is ["1.2.9.7"]));
    }

    [Fact]
    public async Task Archive_ThatTakesLessAtOnce_GetsLess_AndWhatIsTooLargeAloneIsSetAside()
    {
        await using var archive = new ScriptedArchive((request, self) =>
            request.Sops.Count > 2 || request.Sops.Contains("1.2.9.3") ? request.Exchange.AnswerAsync(413) : self.StoreAsync(request));
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(20);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Arrived.RequireOnce(archive, [.. sops.Except(["1.2.9.3"])]);
        Assert.Equal(413, Assert.Single(forwarding.Spool.Spool.Quarantine.Latest(10)).Code);
    }

    [Fact]
    public async Task Instance_ThatTheAnswerDoesNotName_IsNotReleased()
    {
        await using var archive = new ScriptedArchive((request, self) =>
            request.Sops.Contains("1.2.9.4") ? request.Exchange.AnswerAsync(200, "{}") : self.StoreAsync(request));
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(8);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Arrived.RequireOnce(archive, [.. sops.Except(["1.2.9.4"])]);
        Assert.Contains("does not name it", Assert.Single(forwarding.Spool.Spool.Quarantine.Latest(10)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Poison_ThatMakesTheArchiveFail_HoldsUpNoOther_AndIsKept()
    {
        await using var archive = new ScriptedArchive((request, self) =>
        {
            if (!request.Sops.Contains("1.2.9.7"))
            {
                return self.StoreAsync(request);
            }
            if (request.Exchange.Number % 2 == 0)
            {
                return request.Exchange.AnswerAsync(500);
            }
            request.Exchange.Close();
            return Task.CompletedTask;
        });
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(20);
        await forwarding.StartAsync();
        await TestForwarding.UntilAsync(() => forwarding.Spool.Unsent == 1, "the others wait still");
        await forwarding.ReceiveAsync(20, first: 21);
        await TestForwarding.UntilAsync(() => forwarding.Spool.Unsent == 1, "later ones wait still");
        Arrived.RequireOnce(archive, [.. sops.Except(["1.2.9.7"]), .. Enumerable.Range(21, 20).Select(i => $"1.2.9.{i}")]);
        Assert.Empty(forwarding.Spool.Files("quarantined"));
        Assert.Single(forwarding.Spool.Files("queued"));
    }
}
