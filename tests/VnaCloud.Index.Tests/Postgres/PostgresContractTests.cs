using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Postgres;

public sealed class PostgresCommitTests : CommitContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresDecisionTests : DecisionContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresOrderTests : OrderContract
{
    public PostgresOrderTests() => PostgresHarness.SkipInFast();

    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresLocateTests : LocateContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresMatchTests : MatchContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresPageTests : PageContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresUpkeepTests : UpkeepContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();

    protected override async Task<IndexHarness> OpenMirroredAsync() => await PostgresHarness.OpenAsync(static options => options with { Mirror = true });
}

public sealed class PostgresSwapTests : SwapContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresAccessTests : AccessContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}

public sealed class PostgresStatisticsTests : StatisticsContract
{
    protected override async Task<IndexHarness> OpenAsync() => await PostgresHarness.OpenAsync();
}
