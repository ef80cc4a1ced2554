using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;

namespace VnaCloud.TestKit;

/// <summary>
/// A real S3 store on loopback, started by a script of tests/servers on free ports and stopped with its owner: Ceph's gateway, or Swift,
/// which can less. <c>VNA_TEST_S3=http://key:secret@host:port</c> names a running one that is used in place of Ceph.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    // The scripts take a range that begins at the port.
    private const int PortsOfStore = 50;

    private readonly string? _script;
    private readonly string? _folder;
    private readonly int _port;

    private S3Server(Uri endpoint, string accessKey, string secretKey, string? script = null, string? folder = null)
    {
        (Endpoint, AccessKey, SecretKey) = (endpoint, accessKey, secretKey);
        (_script, _folder, _port) = (script, folder, endpoint.Port);
    }

    public Uri Endpoint { get; }

    public string AccessKey { get; }

    public string SecretKey { get; }

    /// <summary>False for a server that somebody else runs.</summary>
    public bool IsOwn => _script is not null;

    /// <summary>Why Ceph cannot be had here; null when it can.</summary>
    public static string? NoCeph => Environment.GetEnvironmentVariable("VNA_TEST_S3") is { Length: > 0 } ? null
        : Environment.GetEnvironmentVariable("VNA_FAST") is { Length: > 0 } ? "The fast run starts no S3 store; VNA_TEST_S3 names a running one."
        : File.Exists("/usr/bin/radosgw") && File.Exists("/usr/bin/ceph-osd") ? null
        : "Ceph is not installed (tests/servers/ceph-s3.sh install).";

    /// <summary>Why Swift cannot be had here; null when it can.</summary>
    public static string? NoSwift => Environment.GetEnvironmentVariable("VNA_FAST") is { Length: > 0 } ? "The fast run starts no S3 store."
        : File.Exists("/usr/bin/swift-proxy-server") && File.Exists("/usr/bin/memcached") ? null
        : "Swift is not installed (tests/servers/swift-s3.sh install).";

    /// <summary>The store that the environment names, or Ceph, from nothing in about 15 s.</summary>
    public static async Task<S3Server> StartCephAsync()
    {
        if (Environment.GetEnvironmentVariable("VNA_TEST_S3") is { Length: > 0 } named)
        {
            var url = new Uri(named);
            var keys = url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
            return new S3Server(new Uri(url.GetLeftPart(UriPartial.Scheme) + url.Authority), keys[0], keys[1]);
        }
        return await StartAsync("ceph-s3.sh", "testaccesskey0000001", "testsecretkey000000000000000000000000001");
    }

    /// <summary>Swift with its S3 door.</summary>
    public static Task<S3Server> StartSwiftAsync() => StartAsync("swift-s3.sh", "test:tester", "testing");

    /// <summary>Makes a new bucket and gives its name.</summary>
    public async Task<string> CreateBucketAsync()
    {
        using var client = Client();
        var name = $"vna-{Guid.NewGuid():N}"[..20];
        await client.PutBucketAsync(name);
        return name;
    }

    /// <summary>Replaces an object by its first bytes.</summary>
    public async Task CutAsync(string bucket, string key, int length)
    {
        using var client = Client();
        using var beginning = new MemoryStream();
        using (var whole = await client.GetObjectAsync(bucket, key))
        {
            var buffer = new byte[length];
            await whole.ResponseStream.ReadExactlyAsync(buffer);
            await beginning.WriteAsync(buffer);
        }
        beginning.Position = 0;
        await client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = bucket, Key = key, InputStream = beginning, UseChunkEncoding = false });
    }

    /// <summary>Keys of a bucket that begin with a prefix.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string bucket, string prefix = "")
    {
        using var client = Client();
        var keys = new List<string>();
        var request = new Amazon.S3.Model.ListObjectsV2Request { BucketName = bucket, Prefix = prefix };
        Amazon.S3.Model.ListObjectsV2Response page;
        do
        {
            page = await client.ListObjectsV2Async(request);
            keys.AddRange((page.S3Objects ?? []).Select(found => found.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return keys;
    }

    /// <summary>A backup of a bucket: what a listing names is copied, as it goes; what is gone by then is not.</summary>
    public async Task<int> CopyAsync(string from, string to)
    {
        using var client = Client();
        var copied = 0;
        await Parallel.ForEachAsync(await ListAsync(from), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (key, cancellation) =>
        {
            try
            {
                await client.CopyObjectAsync(from, key, to, key, cancellation);
                Interlocked.Increment(ref copied);
            }
            catch (AmazonS3Exception gone) when (gone.StatusCode == System.Net.HttpStatusCode.NotFound)
            {
                return;
            }
        });
        return copied;
    }

    /// <summary>Multipart uploads of a bucket that were begun and neither completed nor aborted.</summary>
    public async Task<int> UnfinishedAsync(string bucket)
    {
        using var client = Client();
        return (await client.ListMultipartUploadsAsync(bucket)).MultipartUploads?.Count ?? 0;
    }

    /// <summary>Removes an object behind its owner's back.</summary>
    public async Task DeleteAsync(string bucket, string key)
    {
        using var client = Client();
        await client.DeleteObjectAsync(bucket, key);
    }

    /// <summary>Arguments of a server on a bucket of this store.</summary>
    public string[] Arguments(string bucket) =>
    [
        "--Vna:Storage:Provider=S3",
        $"--Vna:Storage:S3:Endpoint={Endpoint.GetLeftPart(UriPartial.Authority)}",
        $"--Vna:Storage:S3:Bucket={bucket}",
        $"--Vna:Storage:S3:AccessKey={AccessKey}",
        $"--Vna:Storage:S3:SecretKey={SecretKey}",
    ];

    private AmazonS3Client Client() => new(new BasicAWSCredentials(AccessKey, SecretKey), new AmazonS3Config
    {
        ServiceURL = Endpoint.GetLeftPart(UriPartial.Authority),
        AuthenticationRegion = "us-east-1",
        ForcePathStyle = true,
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    /// <summary>SIGKILL for the gateway; what it stored stays.</summary>
    public Task KillGatewayAsync() => RunAsync(_script!, "kill-gw", _folder!, _port);

    /// <summary>Starts the gateway again after <see cref="KillGatewayAsync"/>.</summary>
    public Task StartGatewayAsync() => RunAsync(_script!, "start-gw", _folder!, _port);

    public async ValueTask DisposeAsync()
    {
        if (_script is not null)
        {
            await RunAsync(_script, "destroy", _folder!, _port);
        }
    }

    private static async Task<S3Server> StartAsync(string script, string accessKey, string secretKey)
    {
        var path = Path.Combine(Here(), "..", "servers", script);
        for (var attempt = 1; ; attempt++)
        {
            var folder = Directory.CreateTempSubdirectory("vna-s3-").FullName;
            var port = FreePorts.TakeRange(PortsOfStore);
            try
            {
                await RunAsync(path, "start", folder, port);
                return new S3Server(new Uri($"http://127.0.0.1:{port}"), accessKey, secretKey, path, folder);
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // A port was taken in the meantime.
                await RunAsync(path, "destroy", folder, port);
            }
        }
    }

    private static async Task RunAsync(string script, string action, string folder, int port)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[script, action, folder, port.ToString(System.Globalization.CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["OWNER_PID"] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        // What the tests write need not outlive the store's process.
        start.Environment["STORE"] = "memstore";
        start.Environment["OSD_GB"] = "6";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{script} did not start.");
        var said = process.StandardError.ReadToEndAsync();
        var told = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Path.GetFileName(script)} {action}: {await told}{await said}");
        }
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
