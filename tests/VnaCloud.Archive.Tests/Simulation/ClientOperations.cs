using System.IO.Pipelines;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>What clients do: store, delete, restore, read, follow the change feed.</summary>
internal sealed class ClientOperations(World world)
{
    private const int MaxFiles = 5;

    private readonly Random _random = world.Random;

    // A study that a reader looked up, and reads from later.
    private (ModelEntry Entry, InstanceEntry Row, StudyView View)? _held;

    public Task AnyAsync(int kind) => kind switch
    {
        < 76 => StoreAsync(),
        < 94 => DeleteAsync(),
        < 106 => RestoreAsync(),
        < 130 => ReadAsync(),
        _ => FollowAsync(),
    };

    /// <summary>Stores some instances in one request.</summary>
    public async Task StoreAsync(List<(ModelEntry Entry, int Variant)> parts)
    {
        world.Log($"  store {string.Join(", ", parts.Select(part => $"{part.Entry.Key.SopUid}#{part.Variant}"))}");
        IReadOnlyList<StoreResult> results;
        var isNews = parts.Exists(part => !part.Entry.IsVisible);
        var before = isNews ? default : await StampAsync(parts);
        try
        {
            results = await world.Process.StoreAsync(parts.Select(part => part.Entry.Files[part.Variant]));
        }
        catch
        {
            parts.ForEach(part => part.Entry.Unanswered(part.Variant));
            throw;
        }
        foreach (var ((entry, variant), result) in parts.Zip(results))
        {
            switch (result.Failure)
            {
                case FailureReason.None:
                    entry.Acknowledged(variant);
                    world.Counts.Acknowledged++;
                    break;
                case FailureReason.DuplicateSopInstance:
                    entry.Refused(variant);
                    break;
                default:
                    // The fence: the request took too long, or the clocks differ too much.
                    Assert.Equal(FailureReason.ProcessingFailure, result.Failure);
                    entry.Unanswered(variant);
                    break;
            }
        }
        if (!isNews)
        {
            Assert.Equal(before, await StampAsync(parts)); // P3: nothing changed, neither feed nor versions
        }
    }

    private Task StoreAsync()
    {
        var parts = new Dictionary<ModelEntry, int>();
        for (var i = _random.Next(1, MaxFiles + 1); i > 0; i--)
        {
            // Mostly the first variant: the same again.
            var entry = world.Model.Any();
            var variant = _random.Next(3) == 0 ? _random.Next(SimulatedFiles.Variants) : 0;
            parts[entry] = world.MayContest ? variant : entry.Uncontesting(variant);
        }
        if (!world.MayContest && parts.Any(part => part.Key.IsVisible && !SimulatedFiles.IsSame(part.Key.Current, part.Value)))
        {
            world.Faults.Stop();
        }
        return StoreAsync([.. parts.Select(pair => (pair.Key, pair.Value))]);
    }

    private async Task DeleteAsync()
    {
        var (study, series, sop, entries) = world.Model.AnyScope();
        var visible = entries.Count(entry => entry.IsVisible);
        world.Log($"  delete {study} {series} {sop}");
        entries.ForEach(entry => entry.Deleting(world.Time.GetUtcNow()));
        Assert.Equal(visible, await world.Process.DecideAsync(DecisionKind.Delete, study, series, sop));
        entries.ForEach(entry => entry.DeleteAcknowledged());
        world.Model.Journalled();
    }

    private async Task RestoreAsync()
    {
        var (study, series, sop, entries) = world.Model.AnyScope();
        world.Log($"  restore {study} {series} {sop}");
        entries.ForEach(entry => entry.Restoring());
        var grace = world.Time.GetUtcNow() - world.Process.Upkeep.Options.Grace;
        await world.Process.DecideAsync(DecisionKind.Restore, study, series, sop);
        entries.ForEach(entry => entry.RestoreAcknowledged(grace));
        world.Model.Journalled();
    }

    // As WADO-RS reads: the very bytes, or no clean end.
    private async Task ReadAsync()
    {
        if (_held is { } held && _random.Next(3) == 0)
        {
            world.Log($"  read {held.Entry.Key.SopUid} as it was looked up before");
            _held = null;
            await ReadHeldAsync(held.Entry, held.Row, held.View);
            return;
        }
        var entry = world.Model.Any();
        world.Log($"  read {entry.Key.SopUid}");
        var view = await world.Process.Index.LocateAsync(TenantId.Default, entry.Key.StudyUid, entry.Key.SeriesUid, null, default);
        var row = view?.Instances.FirstOrDefault(instance => instance.Key == entry.Key);
        Assert.Equal(entry.IsVisible, row is not null);
        if (row is not null)
        {
            Assert.Equal(entry.Current, entry.Files.VariantOf(row.FileDigest));
            Assert.Equal(entry.Files[entry.Current], await BytesAsync(row, view!));
            _held = (entry, row, view!);
        }
    }

    private async Task ReadHeldAsync(ModelEntry entry, InstanceEntry row, StudyView view)
    {
        try
        {
            Assert.Equal(entry.Files[entry.Files.VariantOf(row.FileDigest)], await BytesAsync(row, view));
        }
        catch (ObjectMissingException)
        {
            // Deleted for good since, or replaced; or the store was asked in a bad moment.
            var now = await world.Index.LocateAsync(TenantId.Default, entry.Key.StudyUid, entry.Key.SeriesUid, entry.Key.SopUid, default);
            if (now?.Instances[0].Origin == row.Origin)
            {
                throw;
            }
        }
    }

    private async Task<byte[]> BytesAsync(InstanceEntry row, StudyView view)
    {
        var store = new RelocatingStore(world.Process.Store, world.Process.Index, TenantId.Default, view);
        using var output = new MemoryStream();
        var pipe = PipeWriter.Create(output);
        await new StoredPayload(store, row.Data).WriteAsync(pipe, 0, row.Data.Length, default);
        await pipe.CompleteAsync();
        return output.ToArray();
    }

    private async Task FollowAsync()
    {
        world.Log("  follow changes");
        world.Counts.Changes += await world.Consumer.ReadAsync(world.Process.Index, _random.Next(1, 9), () => VisibleKeys(world.Model));
    }

    private static IEnumerable<InstanceKey> VisibleKeys(Model model) => model.Entries.Where(entry => entry.IsVisible).Select(entry => entry.Key);

    private async Task<(long Epoch, long Sequence, long Instances, long Versions)> StampAsync(List<(ModelEntry Entry, int Variant)> parts)
    {
        var state = await world.Index.UpkeepAsync(0, default);
        var versions = 0L;
        foreach (var study in parts.Select(part => part.Entry.Key.StudyUid).Distinct())
        {
            versions += (await world.Index.LocateAsync(TenantId.Default, study, null, null, default))?.Version ?? 0;
        }
        return (state.Epoch, state.Sequence, (await world.Index.StateAsync(default)).Instances, versions);
    }
}
