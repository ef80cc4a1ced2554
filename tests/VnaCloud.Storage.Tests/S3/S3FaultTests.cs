using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using VnaCloud.Archive;
using VnaCloud.TestKit;

namespace VnaCloud.Storage.Tests.S3;

/// <summary>F18 to F24 of docs/reliability.md: what fails between us and a real store, by a proxy before it.</summary>
public sealed class S3FaultTests(Stores stores) : IAsyncLifetime
{
    private const string Key = "t/k3y/packs/2026/01/02/03/01ARZ3NDEKTSV4RRFFQ69G5FAV.tar";
    private const int MiB = 1024 * 1024;
    private FaultProxy _proxy = null!;
    private S3StoreOptions _options = null!;
    private S3ObjectStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var direct = await stores.OptionsAsync();
        _proxy = await FaultProxy.StartAsync(new Uri(direct.Endpoint!));
        _options = direct with { Endpoint = _proxy.Endpoint.GetLeftPart(UriPartial.Authority) };
        _store = new S3ObjectStore(_options, TimeProvider.System);
        await _store.ProbeAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
    }

    [Fact]
    public async Task F18_ThreeOfTenRequestsFail_SucceedsWithinThreeTimesTheRequests()
    {
        var random = new Random(18);
        _proxy.Act = (context, pass) =>
        {
            lock (random)
            {
                return random.NextDouble() >= 0.3 ? pass() : FaultProxy.RefuseAsync(context, random.Next(2) == 0 ? 500 : 503, "SlowDown");
            }
        };
        var before = _proxy.Requests;
        var times = new List<double>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 150), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (i, _) =>
        {
            var begun = Stopwatch.GetTimestamp();
            await PutAsync($"p/{i:D3}", [(byte)i, 1, 2]);
            var read = new byte[3];
            Assert.Equal(3, await _store.ReadAsync($"p/{i:D3}", 0, read, Cancellation));
            Assert.Equal([(byte)i, 1, 2], read);
            lock (times)
            {
                times.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            }
        });

        // A put is a PUT and a HEAD; with the read, three requests.
        Assert.InRange(_proxy.Requests - before, 450, 3 * 450);
        times.Sort();
        Assert.InRange(times[^2], 0, 10);
    }

    [Fact]
    public async Task F18_EverythingFails_EndsWithoutAStormAndSaysWhatToCheck()
    {
        _proxy.Act = (context, _) => FaultProxy.RefuseAsync(context, 503, "SlowDown");
        var before = _proxy.Requests;
        var failures = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 50, CancellationToken = Cancellation }, async (i, _) =>
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _store.LengthAsync($"p/{i}", Cancellation));
            Interlocked.Increment(ref failures);
        });

        Assert.Equal(200, failures);
        Assert.InRange(_proxy.Requests - before, 200, 600);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(20 * MiB)]
    public async Task F19_StoredButTheReplyIsLost_IsSettledByHead(int length)
    {
        var lost = 0;
        _proxy.Act = (context, pass) => Writes(context) && Interlocked.Exchange(ref lost, 1) == 0 ? FaultProxy.LoseReplyAsync(context, pass) : pass();
        var bytes = RandomNumberGenerator.GetBytes(length);

        await PutAsync(Key, bytes);

        Assert.Equal(1, lost);
        Assert.Equal(bytes, await ReadAsync(length));
        Assert.Equal([Key], await ListAsync());
    }

    [Fact]
    public async Task F20_StoredTruncatedButAnswered200_IsNotAcknowledged()
    {
        using var direct = new S3Bucket(await stores.OptionsAsync() with { KeyPrefix = _options.KeyPrefix }, TimeProvider.System);
        _proxy.Act = async (context, pass) =>
        {
            await pass();
            if (Writes(context))
            {
                var torn = new byte[500];
                var digest = await PayloadDigest.OfAsync(new MemoryStream(torn), IntegrityRung.ContentMd5, Cancellation);
                await direct.PutAsync(Key, () => new MemoryStream(torn), digest, IntegrityRung.ContentMd5, conditional: false, Cancellation);
            }
        };

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => PutAsync(Key, new byte[1000]));
        Assert.Contains("holds something else", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F20_SwallowedButAnswered200_IsNotAcknowledged()
    {
        _proxy.Act = async (context, pass) =>
        {
            if (!Writes(context))
            {
                await pass();
                return;
            }
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.Headers.ETag = "\"d41d8cd98f00b204e9800998ecf8427e\"";
        };

        await Assert.ThrowsAsync<StoreUnavailableException>(() => PutAsync(Key, new byte[1000]));
    }

    [Fact]
    public async Task F21_OneKilobyteASecond_HoldsBoundedMemoryAndEnds()
    {
        var options = _options with { UploadBytes = 24 * MiB, Patience = TimeSpan.FromSeconds(1), LeastBytesPerSecond = 8 * MiB, Attempts = 2 };
        using var store = new S3ObjectStore(options, TimeProvider.System);
        await store.ProbeAsync(Cancellation);
        _proxy.Act = async (context, pass) =>
        {
            var buffer = new byte[1024];
            while (context.Request.ContentLength > 100_000 && await context.Request.Body.ReadAsync(buffer, context.RequestAborted) > 0)
            {
                await Task.Delay(1000, context.RequestAborted);
            }
            await pass();
        };
        var most = 0L;
        var uploads = Enumerable.Range(0, 8).Select(i => Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await using var upload = await store.CreateAsync($"slow/{i}", Cancellation);
            for (var member = 0; member < 200; member++)
            {
                await upload.AppendAsync(new byte[MiB], Cancellation);
                upload.Seal();
                most = Math.Max(most, store.BufferedBytes);
            }
            await upload.CompleteAsync(Cancellation);
        }));

        await Task.WhenAll(uploads);

        Assert.InRange(most, MiB, 24 * MiB);
        Assert.Equal(0, store.BufferedBytes);
    }

    [Fact]
    public async Task F22_BodyDiesHalfWay_IsResumedOnceWhereItStopped()
    {
        var bytes = RandomNumberGenerator.GetBytes(MiB);
        await PutAsync(Key, bytes);
        var ranges = new List<string>();
        _proxy.Act = (context, pass) =>
        {
            ranges.Add(context.Request.Headers.Range.ToString());
            return ranges.Count == 1 ? FaultProxy.CutBodyAsync(context, pass, 300_000) : pass();
        };

        Assert.Equal(bytes, await ReadAsync(bytes.Length));
        Assert.Equal(2, ranges.Count);
        Assert.InRange(long.Parse(ranges[1]["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture), 1, 300_000);
    }

    [Fact]
    public async Task F22_BodyDiesEveryTime_IsAFailureNeverAShortRead()
    {
        await PutAsync(Key, new byte[MiB]);
        _proxy.Act = (context, pass) => FaultProxy.CutBodyAsync(context, pass, 1000);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => ReadAsync(MiB));
    }

    [Fact]
    public async Task F23_CredentialsExpireAndAreRotated_RecoversWithoutRestart()
    {
        var right = _options.Credentials!()!;
        var keys = right with { SecretKey = "expired" };
        using var store = new S3ObjectStore(_options with { Credentials = () => keys }, TimeProvider.System);
        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ProbeAsync(Cancellation));
        Assert.Contains("credentials", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadAsync(Key, 0, new byte[1], Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CreateAsync(Key, Cancellation));

        keys = right;

        Assert.Null((await store.ProbeAsync(Cancellation)).NotReady);
        Assert.Null(await store.LengthAsync(Key, Cancellation));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(304)]
    public async Task F24_SecondConditionalPutIsNotRefused_IsNotReady(int status)
    {
        var seen = 0;
        _proxy.Act = async (context, pass) =>
        {
            if (!HttpMethods.IsPut(context.Request.Method) || context.Request.Headers.IfNoneMatch.Count == 0 || Interlocked.Increment(ref seen) != 2)
            {
                await pass();
                return;
            }
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = status;
        };

        var found = await _store.ProbeAsync(Cancellation);

        Assert.Contains("If-None-Match", found.NotReady, StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _store.CreateAsync(Key, Cancellation));
        Assert.Equal(found.NotReady, refusal.Message);
        using var accepted = new S3ObjectStore(_options with { ConditionalCreate = ConditionalCreate.Off }, TimeProvider.System);
        Assert.Null((await accepted.ProbeAsync(Cancellation)).NotReady);
    }

    [Fact]
    public async Task Store_NotThere_IsUnavailableSoon()
    {
        using var store = new S3ObjectStore(_options with { Endpoint = "http://127.0.0.1:9", Attempts = 3 }, TimeProvider.System);
        var begun = Stopwatch.GetTimestamp();

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadAsync(Key, 0, new byte[1], Cancellation));

        Assert.Contains("Vna:Storage:S3:Endpoint", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 5);
    }

    private static bool Writes(HttpContext context) =>
        (HttpMethods.IsPut(context.Request.Method) && !context.Request.Query.ContainsKey("partNumber"))
        || (HttpMethods.IsPost(context.Request.Method) && context.Request.Query.ContainsKey("uploadId"));

    private async Task PutAsync(string key, byte[] bytes)
    {
        await using var upload = await _store.CreateAsync(key, Cancellation);
        await upload.AppendAsync(bytes, Cancellation);
        await upload.CompleteAsync(Cancellation);
    }

    private async Task<byte[]> ReadAsync(int length)
    {
        var bytes = new byte[length];
        Assert.Equal(length, await _store.ReadAsync(Key, 0, bytes, Cancellation));
        return bytes;
    }

    private async Task<List<string>> ListAsync()
    {
        var keys = new List<string>();
        await foreach (var key in _store.ListAsync("", Cancellation))
        {
            keys.Add(key);
        }
        return keys;
    }
}
