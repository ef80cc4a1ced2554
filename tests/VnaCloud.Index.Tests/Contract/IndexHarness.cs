using System.Text;
using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>An empty index of one provider, its clock, and a view of its tables.</summary>
public abstract class IndexHarness : IAsyncDisposable
{
    /// <summary>The index under test.</summary>
    public abstract IArchiveIndex Index { get; }

    /// <summary>The same, for upkeep.</summary>
    public IUpkeepIndex Upkeep => (IUpkeepIndex)Index;

    /// <summary>What it keeps beside what is stored.</summary>
    public AccessStore Access => ((IRebuildableIndex)Index).Access;

    /// <summary>The index's clock.</summary>
    public SettableTime Time { get; } = new();

    /// <summary>All that a rebuild must bring back: every row of the tables that say what is stored, in order, without packs' numbers.</summary>
    public async Task<string> DumpAsync()
    {
        var state = await Index.StateAsync(default);
        var text = new StringBuilder($"{state.Studies}|{state.Series}|{state.Instances}|{state.Packs}\n--\n");
        foreach (var sql in TableDump.Statements)
        {
            text.AppendJoin('\n', await RowsAsync(sql)).Append("\n--\n");
        }
        return text.ToString();
    }

    /// <summary>The rows of a statement, columns separated by '|'.</summary>
    public abstract Task<IReadOnlyList<string>> RowsAsync(string sql);

    /// <summary>Runs a statement as an operator would, past the index.</summary>
    public abstract Task RunAsync(string sql);

    /// <summary>Waits until everything that is committed has its place in the change feed.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    internal async Task<PackResult> CommitAsync(PackCommit pack) => (await Index.CommitAsync([pack], default))[0];

    internal Task<PackResult> StoreAsync(params IReadOnlyList<PackMember> members) => CommitAsync(Sample.Pack(Time.Tick(), members));

    internal Task<int> DeleteAsync(string study, string? series = null, string? sop = null) =>
        Index.DecideAsync(new DecisionRequest(Sample.Tenant, DecisionKind.Delete, study, series, sop), default);

    internal Task<int> RestoreAsync(string study, string? series = null, string? sop = null, DateTimeOffset notBefore = default) =>
        Index.DecideAsync(new DecisionRequest(Sample.Tenant, DecisionKind.Restore, study, series, sop, notBefore), default);

    internal Task<StudyView?> LocateAsync(string study, string? series = null, string? sop = null) =>
        Index.LocateAsync(Sample.Tenant, study, series, sop, default);

    internal Task<IReadOnlyList<Decision>> OutboxAsync(params IReadOnlyList<Ulid> written) => Index.OutboxAsync(Sample.Tenant, written, 1_000, default);

    internal Task<SearchPage> SearchAsync(QueryLevel level, params IReadOnlyList<Criterion> criteria) => SearchAsync(new SearchRequest
    {
        Tenant = Sample.Tenant, Level = level, Criteria = criteria, Limit = 100,
    });

    internal Task<SearchPage> SearchAsync(SearchRequest request) => Index.SearchAsync(request, default);
}

/// <summary>A clock that stands still until it is moved.</summary>
public sealed class SettableTime : TimeProvider
{
    private DateTimeOffset _now = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>Moves on.</summary>
    public SettableTime Advance(TimeSpan by)
    {
        _now += by;
        return this;
    }

    /// <summary>Moves on by a millisecond, so that ULIDs rise.</summary>
    public SettableTime Tick() => Advance(TimeSpan.FromMilliseconds(1));
}
