using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>What goes together, and what goes first.</summary>
public sealed class QueueTests
{
    private readonly SetTime _time = new();
    private readonly ReceiptSequence _receipts;
    private readonly DestinationQueue _queue;

    public QueueTests()
    {
        _receipts = new ReceiptSequence(_time);
        _queue = new DestinationQueue("archive", new BatchLimits(4, 1000), _receipts, _time);
    }

    [Fact]
    public void Batch_HoldsObjectsOfOneStudyInTheirOrder()
    {
        for (var i = 0; i < 6; i++)
        {
            Add("study a", $"a{i}");
            Add("study b", $"b{i}");
        }
        Assert.Equal(["a0 a1 a2 a3", "a4 a5", "b0 b1 b2 b3", "b4 b5"], TakeAll());
    }

    [Fact]
    public void Batch_IsLimitedInBytes_ButAnObjectThatIsLargerGoesAlone()
    {
        Add("s", "a", length: 600);
        Add("s", "b", length: 600);
        Add("s", "c", length: 5000);
        Add("s", "d", length: 1);
        Assert.Equal(["a", "b", "c", "d"], TakeAll());
    }

    [Fact]
    public void Stat_GoesFirst_AndBackloadHasAShare()
    {
        for (var i = 0; i < 40; i++)
        {
            Add($"n{i}", $"n{i}");
            Add($"b{i}", $"b{i}", Lane.Backload);
        }
        Add("s", "s", Lane.Stat);
        var order = TakeAll();
        Assert.Equal("s", order[0]);
        Assert.Equal(5, order.Take(41).Count(name => name.StartsWith('b')));
    }

    [Fact]
    public void Modality_ThatFloods_DelaysItselfOnly()
    {
        for (var i = 0; i < 100; i++)
        {
            Add("ct", $"ct{i}", length: 250);
        }
        Take();
        Add("us", "us0", modality: "US");
        Add("us", "us1", modality: "US");
        Assert.Equal("us0 us1", Take());
    }

    [Fact]
    public void Modality_ThatWasAway_HasNoClaimOnWhatOthersHad()
    {
        for (var i = 0; i < 100; i++)
        {
            Add("ct", $"ct{i}", length: 250);
        }
        for (var i = 0; i < 10; i++)
        {
            Take();
        }
        for (var i = 0; i < 100; i++)
        {
            Add("us", $"us{i}", length: 250, modality: "US");
        }
        Assert.Equal(5, Enumerable.Range(0, 10).Count(_ => Take()!.StartsWith("us", StringComparison.Ordinal)));
    }

    [Fact]
    public void Instance_ReceivedTwice_GoesTwice_OneAfterTheOther()
    {
        Add("s", "x");
        Add("s", "x");
        var first = _queue.TryTake(out _)!;
        Assert.Single(first.Objects);
        Assert.Null(_queue.TryTake(out _));
        _queue.Return(first, first.Objects, 4, TimeSpan.FromSeconds(5));
        Assert.Null(_queue.TryTake(out _));
        _time.Pass(6);
        Assert.Equal(first.Id, _queue.TryTake(out _)!.Id);
        _queue.Release(first.Objects[0]);
        Assert.NotEqual(first.Objects[0].Receipt, _queue.TryTake(out _)!.Objects.Single().Receipt);
    }

    [Fact]
    public void Batch_ThatIsTriedAgain_KeepsItsIdAndItsObjects()
    {
        Add("s", "a");
        Add("s", "b");
        var first = _queue.TryTake(out _)!;
        Add("s", "c");
        _queue.Return(first, first.Objects, 4, TimeSpan.FromSeconds(10));
        Assert.Equal("c", Take());
        Assert.Null(_queue.TryTake(out var due));
        Assert.Equal(_time.Now.AddSeconds(10), due);
        _time.Pass(10);
        var again = _queue.TryTake(out _)!;
        Assert.Equal((first.Id, 2), (again.Id, again.Objects.Count));
    }

    [Fact]
    public void Batch_ThatIsSplit_BecomesOthers()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Add("s", name);
        }
        var whole = _queue.TryTake(out _)!;
        _queue.Return(whole, whole.Objects, 2, TimeSpan.Zero);
        var parts = new[] { _queue.TryTake(out _)!, _queue.TryTake(out _)! };
        Assert.Equal(["a b", "c d"], parts.Select(Names));
        Assert.Equal(3, parts.Append(whole).Select(batch => batch.Id).Distinct().Count());
    }

    [Fact]
    public void Study_OverManyConnections_EndsInSmallRequests()
    {
        var queue = new DestinationQueue("archive", new BatchLimits(4, 32_000_000), _receipts, _time);
        Fill(queue, 40);
        var sizes = new List<int>();
        while (queue.TryTake(out _, requests: 4) is { } batch)
        {
            sizes.Add(batch.Objects.Count);
        }
        Assert.Equal((40, 4, 2), (sizes.Sum(), sizes.Max(), sizes[^2]));
        Assert.Equal(sizes.OrderDescending(), sizes);
    }

    [Fact]
    public void Request_OfASlowLine_IsNoLargerThanItsPortion_ButNeverTiny()
    {
        var queue = new DestinationQueue("archive", new BatchLimits(4, 32_000_000), _receipts, _time);
        Fill(queue, 40);
        Assert.Equal(3, queue.TryTake(out _, requests: 2, portion: 1_600_000)!.Objects.Count);
        Assert.Equal(2, queue.TryTake(out _, requests: 2, portion: 10)!.Objects.Count);
    }

    [Fact]
    public async Task Signal_BetweenLookingAndWaiting_IsNotLost()
    {
        Assert.Null(_queue.TryTake(out _));
        Add("s", "a");
        await _queue.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("a", Take());
    }

    [Fact]
    public void Counts_HoldWhatIsUnderWayToo()
    {
        Add("s", "a", length: 7);
        Add("s", "b", Lane.Stat, length: 5);
        var batch = _queue.TryTake(out _)!;
        Assert.Equal([(Lane.Stat, 1, 5L), (Lane.Normal, 1, 7L), (Lane.Backload, 0, 0L)], _queue.Lanes().Select(lane => (lane.Lane, lane.Objects, lane.Bytes)));
        _queue.Release(batch.Objects[0]);
        _queue.Release(batch.Objects[0]);
        Assert.Equal([0, 1, 0], _queue.Lanes().Select(lane => lane.Objects));
    }

    private void Fill(DestinationQueue queue, int objects)
    {
        for (var i = 0; i < objects; i++)
        {
            queue.Add(Spooled("s", $"{i}", Lane.Normal, "CT", 500_000));
        }
    }

    private static string Names(Batch batch) => string.Join(' ', batch.Objects.Select(spooled => spooled.SopInstanceUid));

    private string? Take() => _queue.TryTake(out _) is { } batch ? Names(batch) : null;

    private List<string> TakeAll()
    {
        var taken = new List<string>();
        while (Take() is { } names)
        {
            taken.Add(names);
        }
        return taken;
    }

    private void Add(string study, string sop, Lane lane = Lane.Normal, long length = 10, string modality = "CT") => _queue.Add(Spooled(study, sop, lane, modality, length));

    private SpooledObject Spooled(string study, string sop, Lane lane, string modality, long length) => new(_receipts.Next(), length)
    {
        StudyUid = study,
        SeriesUid = study,
        SopInstanceUid = sop,
        SopClassUid = "1",
        TransferSyntaxUid = "1",
        Modality = modality,
        CallingAe = "A",
        Route = new ForwardRoute("archive", lane),
    };
}
