using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Sqlite;

public sealed class SqliteCommitTests : CommitContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqliteDecisionTests : DecisionContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqliteOrderTests : OrderContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqliteLocateTests : LocateContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqliteMatchTests : MatchContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqlitePageTests : PageContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqliteUpkeepTests : UpkeepContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();

    protected override async Task<IndexHarness> OpenMirroredAsync() => await SqliteHarness.OpenAsync(static options => options with { Mirror = true });
}

public sealed class SqliteSwapTests : SwapContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqliteAccessTests : AccessContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}

public sealed class SqliteStatisticsTests : StatisticsContract
{
    protected override async Task<IndexHarness> OpenAsync() => await SqliteHarness.OpenAsync();
}
