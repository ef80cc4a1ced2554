using System.Collections.Concurrent;

namespace VnaCloud.TestKit;

/// <summary>
/// What HTTP tests run on: SQLite and a folder, or, with <c>VNA_STACK=cloud</c>, PostgreSQL and a bucket of Ceph, both started once for
/// the process, each server getting a database and a bucket of its own.
/// </summary>
public static class Stack
{
    private const string BucketArgument = "--Vna:Storage:S3:Bucket=";
    private const string Variable = "VNA_STACK";
    private static readonly Lazy<Task<S3Server>> Ceph = new(S3Server.StartCephAsync);

    /// <summary>Whether this run is on PostgreSQL and Ceph.</summary>
    public static bool IsCloud { get; } = Environment.GetEnvironmentVariable(Variable) == "cloud";

    private static readonly ConcurrentDictionary<string, Lazy<Task<string[]>>> ByFolder = new();

    /// <summary>Arguments of a server: with nothing stored yet for a folder that was not met before, else those of the servers before it.</summary>
    public static async Task<string[]> ArgumentsAsync(string folder) =>
        IsCloud ? await ByFolder.GetOrAdd(folder, static _ => new Lazy<Task<string[]>>(NewAsync)).Value : [];

    /// <summary>Cuts an object of a bucket off after some bytes, as if it had been stored so.</summary>
    public static async Task CutAsync(string folder, string key, int length)
    {
        var bucket = (await ArgumentsAsync(folder)).Single(static argument => argument.StartsWith(BucketArgument, StringComparison.Ordinal))[BucketArgument.Length..];
        await (await Ceph.Value).CutAsync(bucket, key, length);
    }

    private static async Task<string[]> NewAsync()
    {
        var ceph = await Ceph.Value;
        var postgres = await PostgresServer.SharedAsync() ?? throw new InvalidOperationException(PostgresServer.Missing);
        return
        [
            .. ceph.Arguments(await ceph.CreateBucketAsync()),
            "--Vna:Index:Provider=Postgres",
            $"--Vna:Index:ConnectionString={await postgres.CreateDatabaseAsync()};Maximum Pool Size=8",
        ];
    }
}
