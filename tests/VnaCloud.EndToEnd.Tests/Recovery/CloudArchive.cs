using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>A bucket with a database, and the one configuration that servers and commands work on them by.</summary>
internal sealed class CloudArchive(S3Server ceph, string bucket, Database database)
{
    public Database Database => database;

    /// <summary>For servers as arguments, for commands as environment variables.</summary>
    public string[] Settings { get; } =
    [
        .. ceph.Arguments(bucket),
        "--Vna:Index:Provider=Postgres",
        $"--Vna:Index:ConnectionString={database.ConnectionString}",
    ];

    /// <summary>A server that is ready. Its answers name the archive by one address, whatever port it listens on.</summary>
    public Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(null, Arguments);

    /// <summary>A server that answers, ready or not.</summary>
    public Task<ServerProcess> StartUnreadyAsync() => ServerProcess.StartUnreadyAsync(Arguments);

    public Task<string> VnaAsync(params string[] arguments) => VnaProcess.OkAsync(Settings, arguments);

    public VnaProcess BeginVna(params string[] arguments) => VnaProcess.Start(Settings, arguments);

    /// <summary>Copies the bucket as it is now, beside whoever writes to it.</summary>
    public async Task<string> CopyBucketAsync()
    {
        var copy = await ceph.CreateBucketAsync();
        await ceph.CopyAsync(bucket, copy);
        return copy;
    }

    /// <summary>The archive that backups of both make, on the same servers.</summary>
    public CloudArchive Of(string otherBucket, Database otherDatabase) => new(ceph, otherBucket, otherDatabase);

    /// <summary>Everything in the bucket but checkpoints, of which old ones go.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync() =>
        [.. (await ceph.ListAsync(bucket, "t/")).Where(static key => !key.Contains("/checkpoints/", StringComparison.Ordinal))];

    // Maintenance hurries, so that whatever it would do wrongly is done while the test looks.
    private string[] Arguments =>
    [
        .. Settings, "--Vna:PublicBaseUrl=http://archive.test", "--Vna:Maintenance:CheckpointSeconds=1", "--Vna:Maintenance:CollectSeconds=1",
        "--Vna:Maintenance:ReconcileSeconds=2", "--Vna:Maintenance:CompactSeconds=0",
    ];
}
