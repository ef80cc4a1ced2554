using System.Security.Cryptography;
using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests.S3;

/// <summary>The contract, and what only a bucket does, on a real Ceph gateway.</summary>
public sealed class S3ObjectStoreTests(Stores stores) : ObjectStoreContract, IAsyncLifetime
{
    private const int MiB = 1024 * 1024;
    private S3ObjectStore _store = null!;

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _store = new S3ObjectStore(await stores.OptionsAsync(), TimeProvider.System);
        await _store.ProbeAsync(Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Upload_OfSealedMembers_GoesInPartsAndIsReadBackWhole()
    {
        var bytes = RandomNumberGenerator.GetBytes((37 * MiB) + 4321);
        await using (var upload = await Store.CreateAsync(Key, Cancellation))
        {
            for (var at = 0; at < bytes.Length;)
            {
                var member = Math.Min(3_333_333, bytes.Length - at);
                await upload.AppendAsync(new byte[512], Cancellation);
                await upload.TruncateAsync(upload.Length - 512, Cancellation);
                await upload.AppendAsync(new byte[100], Cancellation);
                await upload.AppendAsync(bytes.AsMemory(at + 100, member - 100), Cancellation);
                await upload.PatchAsync(at, bytes.AsMemory(at, 100), Cancellation);
                upload.Seal();
                at += member;
            }
            await upload.CompleteAsync(Cancellation);
        }

        Assert.Equal(bytes.Length, await Store.LengthAsync(Key, Cancellation));
        Assert.Equal(SHA256.HashData(bytes), await DigestAsync(bytes.Length));
        Assert.Equal(0, _store.BufferedBytes);
    }

    [Fact]
    public async Task Upload_OfOneGreatInstance_StreamsWithItsHeadHeldBack()
    {
        var bytes = RandomNumberGenerator.GetBytes(100 * MiB);
        await using (var upload = await Store.CreateAsync(Key, Cancellation))
        {
            await upload.AppendAsync(new byte[5000], Cancellation);
            upload.Seal();
            await upload.AppendAsync(new byte[512], Cancellation);
            await upload.AppendAsync(bytes, Cancellation);
            Assert.InRange(_store.BufferedBytes, 0, 40 * MiB);
            await upload.PatchAsync(5000, new byte[] { 1, 2, 3 }, Cancellation);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await upload.PatchAsync(50 * MiB, new byte[1], Cancellation));
            upload.Seal();
            await upload.CompleteAsync(Cancellation);
        }

        var head = new byte[5515];
        await Store.ReadAsync(Key, 0, head, Cancellation);
        Assert.Equal([1, 2, 3, 0], head[5000..5004]);
        var tail = new byte[bytes.Length - 3];
        Assert.Equal(tail.Length, await Store.ReadAsync(Key, 5515, tail, Cancellation));
        Assert.True(tail.AsSpan().SequenceEqual(bytes.AsSpan(3)));
    }

    [Fact]
    public async Task Upload_OfOneGreatInstanceThatIsBad_IsCutBackAndGoesOn()
    {
        await using (var upload = await Store.CreateAsync(Key, Cancellation))
        {
            await upload.AppendAsync("good"u8.ToArray(), Cancellation);
            upload.Seal();
            await upload.AppendAsync(new byte[90 * MiB], Cancellation);
            await upload.TruncateAsync(4, Cancellation);
            await upload.AppendAsync(" again"u8.ToArray(), Cancellation);
            await upload.CompleteAsync(Cancellation);
        }

        Assert.Equal("good again", await TextAsync(Key));
    }

    [Fact]
    public async Task Upload_DisposedAfterParts_LeavesNoUploadBehind()
    {
        await using (var upload = await Store.CreateAsync(Key, Cancellation))
        {
            await upload.AppendAsync(new byte[20 * MiB], Cancellation);
            upload.Seal();
            await upload.AppendAsync(new byte[20 * MiB], Cancellation);
        }

        Assert.Null(await Store.LengthAsync(Key, Cancellation));
        Assert.Equal(0, _store.BufferedBytes);
        using var bucket = new S3Bucket(await stores.OptionsAsync() with { KeyPrefix = "" }, TimeProvider.System);
        var left = await bucket.ListPartsUploadsAsync("", null, null, Cancellation);
        Assert.DoesNotContain(left.MultipartUploads ?? [], upload => upload.Key.EndsWith(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Upload_ThatACrashEnded_IsAbortedAfterADay()
    {
        var options = await stores.OptionsAsync();
        using var bucket = new S3Bucket(options, TimeProvider.System);
        await bucket.StartPartsAsync(Key, IntegrityRung.ContentMd5, Cancellation);
        using var young = new S3ObjectStore(options, TimeProvider.System);
        using var later = new S3ObjectStore(options, new Tomorrow());

        Assert.Equal(0, await young.AbortAbandonedAsync(Cancellation));
        Assert.Equal(1, await later.AbortAbandonedAsync(Cancellation));
        Assert.Empty((await bucket.ListPartsUploadsAsync("", null, null, Cancellation)).MultipartUploads ?? []);
    }

    [Fact]
    public async Task Body_ThatAnEnforcedDigestVouchesFor_IsReadOnceForOneRequest()
    {
        var options = await stores.OptionsAsync();
        using var bucket = new S3Bucket(options, TimeProvider.System);
        using var store = new S3ObjectStore(options, TimeProvider.System);
        var bytes = RandomNumberGenerator.GetBytes(6 * MiB);
        var digest = await PayloadDigest.OfAsync(new MemoryStream(bytes), IntegrityRung.ContentMd5, Cancellation);
        using CountedStream whole = new(bytes), part = new(bytes);

        await bucket.PutAsync(Key, () => whole, digest, IntegrityRung.ContentMd5, conditional: false, Cancellation);
        var upload = await bucket.StartPartsAsync(Key + "-parts", IntegrityRung.ContentMd5, Cancellation);
        var answer = await bucket.PutPartAsync(Key + "-parts", upload, 1, () => part, digest, IntegrityRung.ContentMd5, Cancellation);
        await bucket.AbortPartsAsync(Key + "-parts", upload, Cancellation);

        Assert.Equal((bytes.Length, bytes.Length), (whole.BytesRead, part.BytesRead));
        Assert.Equal(Convert.ToHexStringLower(digest.Md5), answer.ETag.Trim('"'));
        var stored = new byte[bytes.Length];
        await store.ReadAsync(Key, 0, stored, Cancellation);
        Assert.Equal(bytes, stored);
    }

    [Fact]
    public async Task Upload_InPartsOfATakenKey_IsRefused()
    {
        await PutAsync(Key, "first");

        await using var upload = await Store.CreateAsync(Key, Cancellation);
        await upload.AppendAsync(new byte[20 * MiB], Cancellation);
        await Assert.ThrowsAsync<ObjectExistsException>(async () => await upload.CompleteAsync(Cancellation));

        Assert.Equal("first", await TextAsync(Key));
    }

    [Fact]
    public async Task Upload_OfNothing_IsAnEmptyObject()
    {
        await PutAsync(Key);

        Assert.Equal(0, await Store.LengthAsync(Key, Cancellation));
        Assert.Equal(0, await Store.ReadAsync(Key, 0, new byte[10], Cancellation));
    }

    [Fact]
    public async Task List_OfMoreThanAPage_IsComplete()
    {
        var keys = Enumerable.Range(0, 1100).Select(i => $"p/{i:D4}").ToArray();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation },
            async (key, _) => await PutAsync(key, "x"));

        Assert.Equal(keys, await ListAsync("p/"));
    }

    [Theory]
    [InlineData(S3EncryptionKind.CustomerKey, "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")]
    [InlineData(S3EncryptionKind.KeyService, "testkey-1")]
    public async Task Encryption_AskedFor_IsProvedAndRoundTrips(S3EncryptionKind kind, string key)
    {
        using var store = new S3ObjectStore(await stores.OptionsAsync() with { Encryption = new S3Encryption(kind, key) }, TimeProvider.System);
        var capabilities = await store.ProbeAsync(Cancellation);
        TestContext.Current.TestOutputHelper!.WriteLine(capabilities.Report);

        Assert.Null(capabilities.NotReady);
        await using (var upload = await store.CreateAsync(Key, Cancellation))
        {
            await upload.AppendAsync(new byte[20 * MiB], Cancellation);
            await upload.CompleteAsync(Cancellation);
        }
        Assert.Equal(100, await store.ReadAsync(Key, 19 * MiB, new byte[100], Cancellation));
    }

    private async Task<byte[]> DigestAsync(int length)
    {
        var read = new byte[length];
        Assert.Equal(length, await Store.ReadAsync(Key, 0, read, Cancellation));
        return SHA256.HashData(read);
    }

    private sealed class Tomorrow : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(1.1);
    }

    // All other ways of reading lead here.
    private sealed class CountedStream(byte[] bytes) : MemoryStream(bytes)
    {
        public int BytesRead { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, count);
            BytesRead += read;
            return read;
        }
    }
}
