using System.Net;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>Tests that measure the memory of the process run when nothing else does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

[Collection(Alone.Name)]
public sealed class DeflateBombTests
{
    private const int MaxAllocated = 64 << 20;

    [Fact]
    [Trait("attacks", "11")]
    public async Task DeflateBomb_IsRefusedInBoundedMemory()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        var bomb = TestCorpus.Malformed.Single(file => file.Name.StartsWith("deflate-bomb", StringComparison.Ordinal)).ReadBytes();
        await using var server = await WireServer.StartAsync();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var response = await server.StowAsync(bomb);
        var failure = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Conflict)).Items(StowJson.Failed));
        Assert.Equal(0xA700, failure.Reason());
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxAllocated);
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }
}
