using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests.S3;

/// <summary>What the probe finds on two real stores.</summary>
public sealed class BucketProbeTests(Stores stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Probe_OfCeph_IsReadyWithConditionalCreate()
    {
        var found = await ProbeAsync(await stores.OptionsAsync());

        Assert.Null(found.NotReady);
        Assert.True(found.ConditionalPut);
        Assert.Equal(IntegrityRung.ContentMd5, found.Rung);
    }

    [Fact]
    public async Task Probe_OfSwift_SaysWhatIsMissingAndWorksWithoutIt()
    {
        var swift = await stores.SwiftAsync();
        var options = Stores.Options(swift, await swift.CreateBucketAsync());
        var found = await ProbeAsync(options);

        Assert.Null(found.NotReady);
        Assert.False(found.ConditionalPut);
        Assert.Contains("no conditional create", found.Warning, StringComparison.Ordinal);
        Assert.All(found.Findings.Where(finding => finding.Name.Contains("aborted", StringComparison.Ordinal)), finding => Assert.True(finding.Holds));
        Assert.Contains("Required", (await ProbeAsync(options with { ConditionalCreate = ConditionalCreate.Required })).NotReady, StringComparison.Ordinal);

        using var store = new S3ObjectStore(options, TimeProvider.System);
        await store.ProbeAsync(Cancellation);
        foreach (var (key, length) in new[] { ("small", 1000), ("great", 20 * 1024 * 1024) })
        {
            await PutAsync(store, key, length);
            Assert.Equal(length, await store.LengthAsync(key, Cancellation));
            await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync(store, key, 10));
        }
    }

    private static async Task PutAsync(S3ObjectStore store, string key, int length)
    {
        await using var upload = await store.CreateAsync(key, Cancellation);
        await upload.AppendAsync(new byte[length], Cancellation);
        await upload.CompleteAsync(Cancellation);
    }

    private static async Task<StoreCapabilities> ProbeAsync(S3StoreOptions options)
    {
        using var store = new S3ObjectStore(options, TimeProvider.System);
        var found = await store.ProbeAsync(Cancellation);
        TestContext.Current.TestOutputHelper!.WriteLine(found.Report);
        return found;
    }
}
