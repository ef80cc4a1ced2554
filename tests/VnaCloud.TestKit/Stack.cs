using System.Collections.Concurrent;

namespace VnaCloud.TestKit;

/// <summary>
/// What HTTP tests run on: SQLite and a folder; or, with <c>VNA_STACK=cloud</c>, PostgreSQL and a bucket of Ceph, both started once for
/// the process, each server getting a database and a bucket of its own; or, with <c>VNA_STACK=balanced</c>, two servers on these behind nginx.
/// </summary>
public static class Stack
{
    private const string BucketArgument = "--Vna:Storage:S3:Bucket=";
    private const string Variable = "VNA_STACK";
    private static readonly string Name = Environment.GetEnvironmentVariable(Variable) ?? "";
    private static readonly Lazy<Task<S3Server>> Ceph = new(S3Server.StartCephAsync);
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private static readonly Lazy<Task<Balancer>> Nginx = new(Balancer.StartAsync);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string[]>>> ByFolder = new();

    /// <summary>Whether this run is on PostgreSQL and Ceph.</summary>
    public static bool IsCloud { get; } = Name is "cloud" or "balanced" || (Name.Length == 0 ? false : throw new InvalidOperationException($"{Variable} is cloud, balanced or empty."));

    /// <summary>Whether clients reach two servers by turns.</summary>
    public static bool IsBalanced { get; } = Name == "balanced";

    /// <summary>Makes the schema in an empty database; so each test's database is a copy, which is quicker than to migrate it.</summary>
    public static Func<string, Task> Migrate { get; set; } = static _ => Task.CompletedTask;

    /// <summary>A place for two servers behind nginx.</summary>
    public static async Task<BalancedPlace> PlaceAsync() => await (await Nginx.Value).TakeAsync();

    /// <summary>Arguments of a server: with nothing stored yet for a folder that was not met before, else those of the servers before it.</summary>
    public static async Task<string[]> ArgumentsAsync(string folder) =>
        IsCloud ? await ByFolder.GetOrAdd(folder, static _ => new Lazy<Task<string[]>>(NewAsync)).Value : [];

    /// <summary>Cuts an object of a bucket off after some bytes, as if it had been stored so.</summary>
    public static async Task CutAsync(string folder, string key, int length)
    {
        var bucket = (await ArgumentsAsync(folder)).Single(static argument => argument.StartsWith(BucketArgument, StringComparison.Ordinal))[BucketArgument.Length..];
        await (await Ceph.Value).CutAsync(bucket, key, length);
    }

    /// <summary>Stops whatever was started for the process.</summary>
    public static async Task StopAsync()
    {
        if (Nginx.IsValueCreated)
        {
            await (await Nginx.Value).DisposeAsync();
        }
        if (Ceph.IsValueCreated)
        {
            await (await Ceph.Value).DisposeAsync();
        }
        await PostgresServer.StopSharedAsync();
    }

    private static async Task<string[]> NewAsync()
    {
        var (ceph, postgres) = (Ceph.Value, PostgresAsync());
        var (bucket, database) = ((await ceph).CreateBucketAsync(), (await postgres).CreateDatabaseAsync(await Template.Value));
        return
        [
            .. (await ceph).Arguments(await bucket),
            "--Vna:Index:Provider=Postgres",
            $"--Vna:Index:ConnectionString={await database};Maximum Pool Size=8",
        ];
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var template = await (await PostgresAsync()).CreateDatabaseAsync();
        // A connection that stays open would keep the database from being copied.
        await Migrate($"{template};Pooling=false");
        return template;
    }

    private static async Task<PostgresServer> PostgresAsync() =>
        await PostgresServer.SharedAsync() ?? throw new InvalidOperationException(PostgresServer.Missing);
}
