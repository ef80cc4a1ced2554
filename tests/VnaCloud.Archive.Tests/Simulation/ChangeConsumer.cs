namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>Follows the change feed from wherever it is, and knows by it what is visible: a change that is skipped or given twice shows.</summary>
internal sealed class ChangeConsumer
{
    private readonly HashSet<InstanceKey> _visible = [];
    private ChangePosition? _position;

    /// <summary>Reads a few pages.</summary>
    /// <param name="index">The feed.</param>
    /// <param name="limit">Changes of a page.</param>
    /// <param name="visible">What is visible now: where a reader begins, and begins again in another epoch.</param>
    /// <returns>Changes read.</returns>
    public async Task<long> ReadAsync(IUpkeepIndex index, int limit, Func<IEnumerable<InstanceKey>> visible)
    {
        var read = 0L;
        while (true)
        {
            var page = await index.ChangesAsync(TenantId.Default, _position, limit, default);
            if (_position is null || page.IsOtherEpoch)
            {
                Assert.True(_position is null || page.Epoch != _position.Value.Epoch, "The reader's position was refused in its own epoch.");
                await BeginAsync(index, page.Epoch, visible);
                return read;
            }
            Assert.Equal(_position.Value.Epoch, page.Epoch);
            foreach (var change in page.Changes)
            {
                // The first of an epoch may have any number: those before it may have been counted in another.
                Assert.True(change.Sequence == _position.Value.Sequence + 1 || (_position.Value.Sequence == 0 && change.Sequence > 0),
                    $"The feed went from {_position} to {change.Sequence}.");
                var isNews = change.Action == ChangeAction.Delete ? _visible.Remove(change.Key) : _visible.Add(change.Key);
                Assert.True(isNews, $"The feed said again that {change.Key.SopUid} was changed: {change.Action}.");
                _position = new ChangePosition(page.Epoch, change.Sequence);
                read++;
            }
            if (page.Changes.Count < limit)
            {
                return read;
            }
        }
    }

    /// <summary>At the end of the feed, the reader knows what is visible.</summary>
    public void RequireSame(IEnumerable<InstanceKey> visible) => Assert.Equal(
        visible.Select(static key => key.SopUid).Order(StringComparer.Ordinal), _visible.Select(static key => key.SopUid).Order(StringComparer.Ordinal));

    private async Task BeginAsync(IUpkeepIndex index, long epoch, Func<IEnumerable<InstanceKey>> visible)
    {
        var state = await index.UpkeepAsync(0, default);
        Assert.Equal(epoch, state.Epoch);
        _visible.Clear();
        _visible.UnionWith(visible());
        _position = new ChangePosition(epoch, state.Sequence);
    }
}
