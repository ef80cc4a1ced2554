using VnaCloud.Archive;
using VnaCloud.Storage.Tests.S3;
using VnaCloud.TestKit;

[assembly: AssemblyFixture(typeof(Stores))]

namespace VnaCloud.Storage.Tests.S3;

/// <summary>The real stores of this test run: each started when the first test asks for it, stopped in the end.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly Lazy<Task<S3Server>> _ceph = new(S3Server.StartCephAsync);
    private readonly Lazy<Task<S3Server>> _swift = new(S3Server.StartSwiftAsync);
    private readonly Lazy<Task<string>> _bucket;

    public Stores() => _bucket = new Lazy<Task<string>>(async () => await (await _ceph.Value).CreateBucketAsync());

    public Task<S3Server> CephAsync()
    {
        Skip(S3Server.NoCeph);
        return _ceph.Value;
    }

    public Task<S3Server> SwiftAsync()
    {
        Skip(S3Server.NoSwift);
        return _swift.Value;
    }

    /// <summary>Options for Ceph, with a part of a bucket for this test alone.</summary>
    public async Task<S3StoreOptions> OptionsAsync()
    {
        var ceph = await CephAsync();
        return Options(ceph, await _bucket.Value) with { KeyPrefix = $"{Ulid.New(TimeProvider.System)}/" };
    }

    public static S3StoreOptions Options(S3Server server, string bucket) => new()
    {
        Endpoint = server.Endpoint.GetLeftPart(UriPartial.Authority),
        Bucket = bucket,
        Credentials = () => new S3Credentials(server.AccessKey, server.SecretKey),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var started in new[] { _ceph, _swift }.Where(server => server.IsValueCreated))
        {
            await (await started.Value).DisposeAsync();
        }
    }

    private static void Skip(string? reason) => Assert.SkipWhen(reason is not null, reason ?? "");
}
