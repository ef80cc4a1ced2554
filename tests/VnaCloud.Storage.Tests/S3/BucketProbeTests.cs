using VnaCloud.TestKit;

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
    public async Task Probe_OfSwift_SaysWhatIsMissing()
    {
        var swift = await stores.SwiftAsync();
        var found = await ProbeAsync(Stores.Options(swift, await swift.CreateBucketAsync()));

        Assert.False(found.ConditionalPut);
    }

    private static async Task<StoreCapabilities> ProbeAsync(S3StoreOptions options)
    {
        using var store = new S3ObjectStore(options, TimeProvider.System);
        var found = await store.ProbeAsync(Cancellation);
        TestContext.Current.TestOutputHelper!.WriteLine(found.Report);
        return found;
    }
}
