using System.Collections.Concurrent;
using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Ingesting;

/// <summary>Which packs share a transaction, and when a second one begins beside it (ADR 0014).</summary>
public sealed class CommitLanesTests : IAsyncDisposable
{
    private readonly HeldIndex _index = new();
    private readonly HeldTime _time = new();
    private readonly JournalWriter _journal;
    private readonly CommitLanes _lanes;

    public CommitLanesTests()
    {
        _journal = new JournalWriter(new MemoryObjectStore(), _index, "x", TimeProvider.System);
        _lanes = new CommitLanes(_index, _journal, _time, count: 2);
    }

    [Fact]
    public async Task Packs_ThatQueueBehindATransaction_ShareTheNext()
    {
        var first = _lanes.CommitAsync(Pack("1"));
        await _index.BegunAsync("1");
        var behind = new[] { "2", "3", "1" }.Select(study => _lanes.CommitAsync(Pack(study))).ToList();
        Assert.Single(_index.Begun);

        _index.End("1");
        await first;
        await _index.BegunAsync("2 3 1");

        _index.End("2 3 1");
        await Task.WhenAll(behind);
    }

    [Fact]
    public async Task Transaction_IsInTheTraceOfItsFirstRequest_AndLinkedToTheOthers()
    {
        var ended = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == ArchiveActivity.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var first = RequestAsync("1");
        await _index.BegunAsync("1");
        var behind = new[] { RequestAsync("2"), RequestAsync("3") };
        _index.End("1");
        await _index.BegunAsync("2 3");
        _index.End("2 3");
        var alone = await first;
        var shared = await Task.WhenAll(behind);

        Assert.Empty(Assert.Single(ended, span => span.TraceId == alone).Links);
        var transaction = Assert.Single(ended, span => span.TraceId == shared[0]);
        Assert.Equal([shared[1]], transaction.Links.Select(link => link.Context.TraceId));
        Assert.DoesNotContain(ended, span => span.TraceId == shared[1]);

        async Task<ActivityTraceId> RequestAsync(string study)
        {
            using var request = new Activity("request") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
            await _lanes.CommitAsync(Pack(study));
            return request.TraceId;
        }
    }

    [Fact]
    public async Task Transaction_ThatTakesLong_LetsASecondBeginBesideIt_ButNoThird()
    {
        var commits = new List<Task> { _lanes.CommitAsync(Pack("1")) };
        await _index.BegunAsync("1");
        commits.AddRange(new[] { "2", "3" }.Select(study => _lanes.CommitAsync(Pack(study))));

        _time.Advance(CommitLanes.Patience - TimeSpan.FromMilliseconds(1));
        commits.Add(_lanes.CommitAsync(Pack("4")));
        Assert.Single(_index.Begun);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _index.BegunAsync("2 3 4");
        commits.Add(_lanes.CommitAsync(Pack("5")));
        _time.Advance(CommitLanes.Patience * 2);
        commits.Add(_lanes.CommitAsync(Pack("6")));

        Assert.Equal(["1", "2 3 4"], _index.Begun);
        _index.End("2 3 4");
        await _index.BegunAsync("5 6");
        _index.End("1");
        _index.End("5 6");
        await Task.WhenAll(commits);
    }

    [Fact]
    public async Task Packs_OfOneStudy_AreNeverInTwoTransactionsAtOnce_AndStayInOrder()
    {
        var (first, second, third, other) = (_lanes.CommitAsync(Pack("1", 1)), _lanes.CommitAsync(Pack("1", 2)), _lanes.CommitAsync(Pack("1", 3)), _lanes.CommitAsync(Pack("2")));
        await _index.BegunAsync("1");

        _time.Advance(CommitLanes.Patience);
        await _index.BegunAsync("2");
        _index.End("2");
        await other;
        Assert.Equal(["1", "2"], _index.Begun);

        _index.End("1");
        await first;
        await _index.BegunAsync("1 1");
        Assert.Equal([1, 2, 3], _index.Sizes.Where(static pack => pack.Study == "1").Select(static pack => pack.Members));
        _index.End("1 1");
        await Task.WhenAll(second, third);
    }

    [Fact]
    public async Task Transaction_HoldsNoMoreRowsThanItMay_ButOnePackAlone()
    {
        var first = _lanes.CommitAsync(Pack("1"));
        await _index.BegunAsync("1");
        var behind = new[] { ("2", CommitLanes.MaxRows + 1), ("3", CommitLanes.MaxRows), ("4", 1), ("5", 1) }.Select(pack => _lanes.CommitAsync(Pack(pack.Item1, pack.Item2))).ToList();

        foreach (var (ends, begins) in new[] { ("1", "2"), ("2", "3"), ("3", "4 5") })
        {
            _index.End(ends);
            await _index.BegunAsync(begins);
        }
        _index.End("4 5");
        await Task.WhenAll(behind.Append(first));
    }

    [Fact]
    public async Task Transaction_ThatFails_TellsItsSendersAlone()
    {
        var first = _lanes.CommitAsync(Pack("1"));
        await _index.BegunAsync("1");
        var second = _lanes.CommitAsync(Pack("1"));

        _index.Fail("1", new IOException("broken"));

        Assert.Equal("broken", (await Assert.ThrowsAsync<IOException>(() => first)).Message);
        _index.End("1");
        Assert.Equal([MemberOutcome.Stored], (await second).Outcomes);
    }

    [Fact]
    public async Task Dispose_WaitsForWhatIsQueued_AndTakesNothingMore()
    {
        var (first, second) = (_lanes.CommitAsync(Pack("1")), _lanes.CommitAsync(Pack("1")));
        await _index.BegunAsync("1");

        var disposed = _lanes.DisposeAsync().AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(() => _lanes.CommitAsync(Pack("2")));
        Assert.False(disposed.IsCompleted);
        _index.End("1");
        await first;
        _index.End("1");
        await second;
        await disposed;
    }

    public async ValueTask DisposeAsync()
    {
        _index.EndAll();
        await _lanes.DisposeAsync();
        _journal.Dispose();
        _index.Dispose();
    }

    private static PackCommit Pack(string study, int members = 1)
    {
        var pack = Ulid.New(TimeProvider.System);
        return new PackCommit
        {
            Tenant = TenantId.Default, Pack = pack, PackKey = $"t/x/{pack}", PackLength = 1, StudyUid = study, Members = new PackMember[members],
            Source = new IngestSource(pack, "", "", "", default),
        };
    }

    /// <summary>An index whose transactions end when they are told to. They are named by their studies, in order.</summary>
    private sealed class HeldIndex : CommitOnlyIndex, IDisposable
    {
        private readonly Lock _lock = new();
        private readonly List<(string Name, TaskCompletionSource End)> _held = [];
        private readonly SemaphoreSlim _changed = new(0);
        private bool _isOver;

        public List<string> Begun { get; } = [];

        public List<(string Study, int Members)> Sizes { get; } = [];

        public override async Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation)
        {
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                var name = string.Join(' ', packs.Select(static pack => pack.StudyUid));
                Begun.Add(name);
                Sizes.AddRange(packs.Select(static pack => (pack.StudyUid, pack.Members.Count)));
                _held.Add((name, end));
                if (_isOver)
                {
                    end.SetResult();
                }
            }
            _changed.Release();
            await end.Task;
            return await base.CommitAsync(packs, cancellation);
        }

        /// <summary>Waits until the latest transaction is this one.</summary>
        public async Task BegunAsync(string name)
        {
            while (true)
            {
                lock (_lock)
                {
                    if (Begun.Count > 0 && Begun[^1] == name)
                    {
                        return;
                    }
                }
                Assert.True(await _changed.WaitAsync(TimeSpan.FromSeconds(20)), $"'{name}' does not begin; begun are {string.Join(", ", Begun)}.");
            }
        }

        /// <summary>A test that failed leaves none under way.</summary>
        public void EndAll()
        {
            lock (_lock)
            {
                _isOver = true;
                _held.ForEach(static held => held.End.TrySetResult());
            }
        }

        public void Dispose() => _changed.Dispose();

        public void End(string name) => Take(name).SetResult();

        public void Fail(string name, Exception error) => Take(name).SetException(error);

        private TaskCompletionSource Take(string name)
        {
            var waited = SpinWait.SpinUntil(() => { lock (_lock) { return _held.Exists(held => held.Name == name); } }, TimeSpan.FromSeconds(20));
            Assert.True(waited, $"'{name}' is not under way.");
            lock (_lock)
            {
                var index = _held.FindIndex(held => held.Name == name);
                var end = _held[index].End;
                _held.RemoveAt(index);
                return end;
            }
        }
    }

    /// <summary>A clock that moves when it is told to, and is its own and only timer.</summary>
    private sealed class HeldTime : TimeProvider, ITimer
    {
        private Action _ring = static () => { };
        private long _now = 1_000_000;
        private long _due = long.MaxValue;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ring = () => callback(state);
            return this;
        }

        public void Advance(TimeSpan by)
        {
            if (Interlocked.Add(ref _now, by.Ticks) >= Interlocked.Read(ref _due))
            {
                Interlocked.Exchange(ref _due, long.MaxValue);
                _ring();
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Exchange(ref _due, GetTimestamp() + dueTime.Ticks);
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
