using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Ingesting;

/// <summary>A request whose instances are of more studies than it may hold packs open.</summary>
public sealed class ManyPacksTests
{
    [Fact]
    public async Task Session_CommitsThatEndWhileTheyAreCounted_AreNotWaitedForByNobody()
    {
        const int requests = 60, studies = 50;
        var store = new MemoryObjectStore();
        using var journal = new JournalWriter(store, new CommitOnlyIndex(), "x", TimeProvider.System);
        await using var lanes = new CommitLanes(new CommitOnlyIndex(), journal, TimeProvider.System);
        var ingest = new Ingest(store, lanes, "x", new IngestOptions { OpenPacks = 1 }, TimeProvider.System);
        var files = Enumerable.Range(0, studies).Select(i => Instances.Ct($"1.2.{i}", $"1.2.{i}.1", $"1.2.{i}.1.1")).ToList();
        for (var request = 0; request < requests; request++)
        {
            await using var session = ingest.Open(new IngestSource(Ulid.New(TimeProvider.System), "test", "", "", TimeProvider.System.GetUtcNow()));
            foreach (var file in files)
            {
                await session.AddAsync(new MemorySource(file), default);
            }
            Assert.All(await session.CompleteAsync(default), result => Assert.Equal(FailureReason.None, result.Failure));
        }
    }
}
