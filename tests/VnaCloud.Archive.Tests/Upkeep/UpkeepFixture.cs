using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

/// <summary>An archive in a folder with what it should hold: the model that every test compares with.</summary>
internal sealed class UpkeepFixture : IAsyncDisposable
{
    public const string Study = "1.2.3", Series = "1.2.3.1";

    private readonly TestFolder _folder = new();
    private bool _isOpen = true;

    public static UpkeepOptions Options { get; } = new() { BytesPerSecond = 0 };

    public RisingTime Time { get; } = new(new DateTimeOffset(2026, 3, 14, 9, 0, 0, TimeSpan.Zero));

    public TestArchive Archive { get; private set; } = null!;

    public TestFolder Folder => _folder;

    /// <summary>Bytes of every instance that must be readable.</summary>
    public Dictionary<InstanceKey, byte[]> Live { get; } = [];

    public static async Task<UpkeepFixture> OpenAsync()
    {
        var fixture = new UpkeepFixture();
        fixture.Archive = await TestArchive.OpenAsync(fixture._folder.Path, fixture.Time);
        return fixture;
    }

    /// <summary>As after a kill: everything is opened anew.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        Archive = await TestArchive.OpenAsync(_folder.Path, Time);
        _isOpen = true;
    }

    public async Task CloseAsync()
    {
        if (_isOpen)
        {
            _isOpen = false;
            await Archive.DisposeAsync();
        }
    }

    public UpkeepArchive Parts(Func<UpkeepStep, string, Task>? onStep = null, UpkeepOptions? options = null)
    {
        var parts = Archive.Parts(options ?? Options);
        return onStep is null ? parts : parts with { OnStep = onStep };
    }

    public async Task StoreAsync(int number, int seed = 0, string study = Study, int rows = 8)
    {
        var key = new InstanceKey(study, study + ".1", $"{study}.1.{number}");
        var file = Instances.File(new InstanceSpec(key.StudyUid, key.SeriesUid, key.SopUid) { InstanceNumber = number, Seed = seed, Rows = (ushort)rows });
        if ((await Archive.StoreAsync(file))[0] == FailureReason.None)
        {
            Live.TryAdd(key, file);
        }
    }

    /// <summary>Some instances in one request.</summary>
    public async Task StoreTogetherAsync(params int[] numbers)
    {
        var files = numbers.Select(number => (Key: new InstanceKey(Study, Series, $"{Series}.{number}"), File: Instances.Ct(Study, Series, $"{Series}.{number}"))).ToList();
        Assert.All(await Archive.StoreAsync([.. files.Select(file => file.File)]), failure => Assert.Equal(FailureReason.None, failure));
        files.ForEach(file => Live.Add(file.Key, file.File));
    }

    public async Task DeleteAsync(int number, string study = Study)
    {
        await Archive.DeleteAsync(study, study + ".1", $"{study}.1.{number}");
        Live.Remove(new InstanceKey(study, study + ".1", $"{study}.1.{number}"));
    }

    public async Task<UpkeepReport> CompactAsync(Func<UpkeepStep, string, Task>? onStep = null)
    {
        Time.Advance(TimeSpan.FromMinutes(11));
        return await new Compactor(Parts(onStep)).RunAsync(_ => { }, default);
    }

    public async Task<UpkeepReport> CollectAsync(TimeSpan later, UpkeepOptions? options = null)
    {
        Time.Advance(later);
        return await new Collector(Parts(null, options)).RunAsync(_ => { }, default);
    }

    /// <summary>Every live instance is there byte for byte, nothing else is, and all digests hold.</summary>
    public async Task AssertWholeAsync()
    {
        var found = new Dictionary<InstanceKey, byte[]>();
        await foreach (var entry in Archive.Index.InstancesAsync(default))
        {
            var bytes = new byte[entry.Data.Length];
            Assert.Equal(bytes.Length, await Archive.Store.ReadAsync(entry.Data.PackKey, entry.Data.Offset, bytes, default));
            found.Add(entry.Key, bytes);
        }
        Assert.Equal(Live.Keys.Order(KeyOrder), found.Keys.Order(KeyOrder));
        Assert.All(Live, pair => Assert.True(pair.Value.AsSpan().SequenceEqual(found[pair.Key])));
        Assert.Empty((await VerifierTests.VerifyAsync(Archive)).Findings);
    }

    /// <summary>How many of the live instances are missing, or not what was stored; those that are marked count only as long as <paramref name="marked"/> says so.</summary>
    public async Task<int> LostAsync(bool marked = true)
    {
        var marks = (await Archive.Index.UpkeepAsync(1_000, default)).Quarantined.Select(part => part.Key).ToHashSet();
        var lost = 0;
        foreach (var (key, file) in Live.Where(pair => marked || !marks.Contains(pair.Key)))
        {
            var row = (await Archive.Index.LocateAsync(TenantId.Default, key.StudyUid, key.SeriesUid, key.SopUid, default))?.Instances[0];
            lost += row is not null && await IsWholeAsync(row.Data, file) ? 0 : 1;
        }
        return lost;
    }

    private async Task<bool> IsWholeAsync(DataLocator place, byte[] file)
    {
        if (await Archive.Store.LengthAsync(place.PackKey, default) is null || place.Length != file.Length)
        {
            return false;
        }
        var bytes = new byte[place.Length];
        return await Archive.Store.ReadAsync(place.PackKey, place.Offset, bytes, default) == bytes.Length && bytes.AsSpan().SequenceEqual(file);
    }

    /// <summary>The store has the packs that the index refers to or has retired, and no other.</summary>
    public async Task AssertNoOrphansAsync()
    {
        var keys = await Archive.PacksAsync();
        var known = await Archive.Index.PacksAsync(new PackSelection.ByKeys(TenantId.Default, keys), default);
        Assert.Equal(keys, known.Select(pack => pack.Key));
        Assert.Equal((await Archive.Index.StateAsync(default)).Packs + (await Archive.Index.UpkeepAsync(0, default)).Retired.Count, keys.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    private static readonly Comparer<InstanceKey> KeyOrder = Comparer<InstanceKey>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));
}

/// <summary>Stands for kill -9: nothing of the job runs after it.</summary>
internal sealed class KilledException : Exception;
