namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>Archives that fail in every way: nothing is lost, nothing is dropped, and no object pays for another (checklist gateway, store and forward e to i).</summary>
public sealed class FailingArchiveTests
{
    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task Archive_ThatRefusesForAWhile_GetsEverythingAfterwards(int status)
    {
        var refusals = 0;
        await using var archive = new ScriptedArchive((request, self) =>
            Interlocked.Increment(ref refusals) <= 7 ? request.Exchange.AnswerAsync(status) : self.StoreAsync(request));
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(40, studies: 4);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Arrived.RequireOnce(archive, sops, studies: 4);
        Assert.Empty(forwarding.Spool.Files("quarantined"));
    }

    [Fact]
    public async Task Batch_ThatMetALongOutage_GoesFirstWhenItIsOver()
    {
        var isAway = true;
        await using var archive = new ScriptedArchive((request, self) => isAway ? request.Exchange.AnswerAsync(503) : self.StoreAsync(request));
        await using var forwarding = new TestForwarding(archive.Url, batch: 1, min: 1, max: 1);
        var first = await forwarding.ReceiveAsync(1);
        await forwarding.StartAsync();
        await TestForwarding.UntilAsync(() => archive.Asked.Count >= 8, "the archive was not asked eight times");
        var later = await forwarding.ReceiveAsync(3, first: 2);
        isAway = false;
        await forwarding.DrainAsync();
        Assert.Equal([.. first, .. later], archive.Requests.SelectMany(request => request.Sops).Distinct());
        Assert.Single(archive.Requests.SelectMany(request => request.Sops).SkipWhile(sop => sop == first[0]), later[0]);
    }

    [Fact]
    public async Task Archive_BehindALoginPage_GetsEverythingAfterwards()
    {
        var pages = 0;
        await using var archive = new ScriptedArchive((request, self) =>
            Interlocked.Increment(ref pages) <= 5 ? request.Exchange.AnswerAsync(200, "<html>log in</html>", "text/html") : self.StoreAsync(request));
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(20);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Arrived.RequireOnce(archive, sops);
        Assert.Empty(forwarding.Spool.Files("quarantined"));
    }

    [Fact]
    public async Task Archive_ThatClosesHalfWay_OrAfterStoring_GetsEverything()
    {
        var requests = 0;
        await using var archive = new ScriptedArchive((request, self) =>
        {
            if (Interlocked.Increment(ref requests) > 4)
            {
                return self.StoreAsync(request);
            }
            // Stored, but the answer is lost: sent again, which the archive has to bear.
            self.Take(request);
            request.Exchange.Close();
            return Task.CompletedTask;
        });
        var asked = 0;
        archive.BeforeBody = async exchange =>
        {
            if (Interlocked.Increment(ref asked) % 3 != 1 || asked > 9)
            {
                return false;
            }
            await exchange.ReadSomeAsync(300);
            exchange.Close();
            return true;
        };
        await using var forwarding = new TestForwarding(archive.Url);
        var sops = await forwarding.ReceiveAsync(30);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Assert.Equal(sops.Order(), archive.Stored.Keys.Order());
        Assert.All(archive.Stored, pair => Assert.All(pair.Value, bytes => Assert.Equal(Arrived.Expected(pair.Key), bytes)));
        Assert.Empty(forwarding.Spool.Files("quarantined"));
    }

    [Fact]
    public async Task Batch_ThatIsTriedAgain_HasTheSameId()
    {
        await using var archive = new ScriptedArchive((request, self) =>
            request.Exchange.Number <= 3 ? request.Exchange.AnswerAsync(503) : self.StoreAsync(request));
        await using var forwarding = new TestForwarding(archive.Url);
        await forwarding.ReceiveAsync(10);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Assert.Equal(4, archive.Requests.Count);
        Assert.Single(archive.Requests.Select(request => request.Batch).Distinct());
        Assert.Single(archive.Requests.Select(request => string.Join(' ', request.Sops)).Distinct());
    }

    [Fact]
    public async Task RetryAfter_IsKept_AndOneProbeAsksWhetherTheArchiveIsBack()
    {
        var answered = new List<DateTimeOffset>();
        var isDown = false;
        TimeProvider? time = null;
        await using var archive = new ScriptedArchive(async (request, self) =>
        {
            if (!Volatile.Read(ref isDown))
            {
                await self.StoreAsync(request);
                return;
            }
            lock (answered)
            {
                answered.Add(time!.GetUtcNow());
            }
            if (answered.Count <= 2)
            {
                await request.Exchange.AnswerAsync(503, "", "text/plain", "Retry-After: 30");
                return;
            }
            await self.StoreAsync(request);
        });
        // One connection to begin with: what is under way at once when an archive fails is no probe.
        await using var forwarding = new TestForwarding(archive.Url, batch: 1, min: 1, max: 8);
        time = forwarding.Time;
        // The first request of a program is so slow that more connections are tried before its answer is there.
        await forwarding.ReceiveAsync(1);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Volatile.Write(ref isDown, true);
        await forwarding.ReceiveAsync(10, first: 2);
        await forwarding.DrainAsync();
        Assert.True(answered[1] - answered[0] >= TimeSpan.FromSeconds(30), $"{answered[1] - answered[0]}");
        Assert.True(answered[2] - answered[1] >= TimeSpan.FromSeconds(30), $"{answered[2] - answered[1]}");
    }

    [Fact]
    public async Task Wan_BlackholedForMinutes_GetsEverythingAfterHealing()
    {
        // F41. Time passes twenty times as fast: ten minutes in thirty seconds, here two in six.
        var dead = true;
        await using var archive = new ScriptedArchive();
        archive.BeforeBody = async exchange =>
        {
            if (!dead)
            {
                return false;
            }
            await exchange.ReadSomeAsync(100);
            return true; // never answered, never read on
        };
        await using var forwarding = new TestForwarding(archive.Url, silence: 10);
        await forwarding.StartAsync();
        var sops = new List<string>();
        var healed = Task.Delay(TimeSpan.FromSeconds(120 / TestForwarding.Speed));
        for (var i = 1; !healed.IsCompleted; i++)
        {
            sops.AddRange(await forwarding.ReceiveAsync(1, first: i));
            await Task.Delay(TimeSpan.FromSeconds(0.5 / TestForwarding.Speed));
        }
        Assert.Empty(archive.Stored);
        Assert.NotNull(forwarding.Destination.Breaker.Reason);
        dead = false;
        await forwarding.DrainAsync();
        // On a busy machine an honest answer may be too late for so little patience, and its batch come again: the archive has to bear that.
        Assert.Equal(sops.Order(), archive.Stored.Keys.Order());
        Assert.All(archive.Stored, pair => Assert.All(pair.Value, bytes => Assert.Equal(Arrived.Expected(pair.Key), bytes)));
        Assert.Null(forwarding.Destination.Breaker.Reason);
        // While it was dead it was asked now and then, not by every object.
        Assert.InRange(archive.Asked.Count - archive.Requests.Count, 1, 30);
    }
}
