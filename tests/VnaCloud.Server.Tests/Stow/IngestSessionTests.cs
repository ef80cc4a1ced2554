using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>What happens inside one request, with limits small enough to meet them.</summary>
public sealed class IngestSessionTests
{
    private const string AsStored = "application/dicom; transfer-syntax=*";

    [Fact]
    [Trait("dicomweb", "49")]
    public async Task Packs_ThatCloseInTheMiddle_KeepTheOrderOfResultsAndEveryByte()
    {
        await using var server = await WireServer.StartAsync();
        await using var open = await OpenAsync(server, new IngestOptions { PackInstances = 2, OpenPacks = 2 });
        var parts = new List<(byte[] Bytes, string Sop, string Study, bool Good)>();
        for (var i = 0; i < 40; i++)
        {
            var (sop, study) = ($"1.{i}", $"1.2.{i % 5}");
            var file = Files.Ct(sop, study: study);
            // Every seventh is bad: garbage, cut in its pixels, or cut in its header.
            parts.Add(i % 7 == 3 ? (i % 3 == 0 ? Files.Pattern(3000, i) : file[..^(i % 3 == 1 ? 50 : 300)], sop, study, false) : (file, sop, study, true));
        }
        foreach (var part in parts)
        {
            await open.Session.AddAsync(new MemorySource(part.Bytes), CancellationToken.None);
        }
        var results = await open.Session.CompleteAsync(CancellationToken.None);
        Assert.Equal(parts.Select(part => part.Good), results.Select(result => result.Failure == FailureReason.None));
        foreach (var (part, result) in parts.Zip(results).Where(pair => pair.First.Good))
        {
            Assert.Equal(part.Sop, result.SopUid);
            Assert.Equal(part.Bytes, await server.BytesAsync(Files.InstanceUrl(part.Sop, study: part.Study), ("Accept", AsStored)));
            Assert.Equal(part.Sop, (await server.MetadataAsync(Files.InstanceUrl(part.Sop, study: part.Study)))[0].Text("00080018"));
        }
        foreach (var pack in await server.ObjectsAsync("*.tar"))
        {
            Assert.NotEmpty(await TarListAsync(pack));
        }
    }

    [Fact]
    [Trait("dicomweb", "49")]
    public async Task BadPart_InTheMiddleOfAPack_LeavesNoTraceInIt()
    {
        await using var server = await WireServer.StartAsync();
        byte[][] good = [Files.Ct("1.1"), Files.Ct("1.2"), Files.Ct("1.3")];
        using var response = await server.StowAsync(good[0], good[1][..^40], good[1], good[2][..^300], good[2], good[0][..^2]);
        var answer = await WireServer.AnswerAsync(response, System.Net.HttpStatusCode.Accepted);
        Assert.Equal(3, answer.Items(StowJson.Failed).Count);
        var pack = Assert.Single(await server.ObjectsAsync("*.tar"));
        var names = await TarListAsync(pack);
        Assert.Equal(["1.1", "1.2", "1.3"], names.Where(name => name.EndsWith(".dcm", StringComparison.Ordinal)).Select(name => Path.GetFileNameWithoutExtension(name)));
        Assert.Equal(7, names.Length);
        for (var i = 0; i < good.Length; i++)
        {
            Assert.Equal(good[i], await server.BytesAsync(Files.InstanceUrl($"1.{i + 1}"), ("Accept", AsStored)));
        }
    }

    [Fact]
    public async Task Metadata_BeyondWhatAPackMayBuffer_ClosesThePack()
    {
        await using var server = await WireServer.StartAsync();
        await using var open = await OpenAsync(server, new IngestOptions { BufferedBytes = 2000 });
        for (var i = 0; i < 12; i++)
        {
            await open.Session.AddAsync(new MemorySource(Files.Ct($"1.{i}")), CancellationToken.None);
        }
        var results = await open.Session.CompleteAsync(CancellationToken.None);
        Assert.All(results, result => Assert.Equal(FailureReason.None, result.Failure));
        Assert.InRange((await server.ObjectsAsync("*.tar")).Length, 3, 12);
        Assert.Equal(12, (await server.MetadataAsync($"studies/{Files.Study}")).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("dicomweb", "60")]
    public async Task Instance_WithAHugeValueBeforeItsStudy_DoesNotWaitInMemory(bool good)
    {
        Assert.SkipWhen(Stack.IsCloud, "Uploads to a bucket have a buffer of their own, bounded for the process.");
        await using var server = await WireServer.StartAsync();
        await using var open = await OpenAsync(server, new IngestOptions { WaitingBytes = 64 * 1024 });
        const int size = 32 << 20;
        var file = Files.Changed("1.2", data => data
            .Set(new DicomElement(new DicomTag(0x0009_0010), DicomVr.LO, "HUGE"u8.ToArray()))
            .Set(new DicomElement(new DicomTag(0x0009_1001), DicomVr.OB, Files.Pattern(size, 1))));
        await open.Session.AddAsync(new MemorySource(Files.Ct("1.1")), CancellationToken.None);
        // In pieces, as from a socket, and on this thread.
        using var body = new BodySource(new MemoryStream(file, 0, good ? file.Length : file.Length - 20));
        var before = GC.GetAllocatedBytesForCurrentThread();
        await open.Session.AddAsync(body, CancellationToken.None);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        await open.Session.AddAsync(new MemorySource(Files.Ct("1.3")), CancellationToken.None);
        var results = await open.Session.CompleteAsync(CancellationToken.None);
        Assert.Equal([true, good, true], results.Select(result => result.Failure == FailureReason.None));
        Assert.Equal(good ? 2 : 1, (await server.ObjectsAsync("*.tar")).Length);
        if (good)
        {
            var stored = await server.BytesAsync(Files.InstanceUrl("1.2"), ("Accept", AsStored));
            Assert.True(file.AsSpan().SequenceEqual(stored));
            var value = await server.BytesAsync($"{Files.InstanceUrl("1.2")}/bulkdata/00091001", ("Accept", "application/octet-stream"));
            Assert.True(Files.Pattern(size, 1).AsSpan().SequenceEqual(value));
        }
        Assert.Equal(Files.Ct("1.3"), await server.BytesAsync(Files.InstanceUrl("1.3"), ("Accept", AsStored)));
    }

    [Fact]
    [Trait("dicomweb", "59")]
    public async Task DataSet_OutOfOrder_IsStoredUnderItsStudy()
    {
        await using var server = await WireServer.StartAsync();
        var file = Files.Ct("1.1");
        var data = file.AsSpan().IndexOf("\x08\0\x05\0CS"u8);
        var patient = file.AsSpan().IndexOf("\x10\0\x10\0PN"u8);
        var image = file.AsSpan().IndexOf("\x28\0\x02\0US"u8);
        // The image's own attributes, pixels and all, before patient and study.
        byte[] turned = [.. file[..data], .. file[image..], .. file[patient..image], .. file[data..patient]];
        using var response = await server.StowAsync(turned, Files.Ct("1.2"));
        Assert.Equal(2, (await server.MetadataAsync($"studies/{Files.Study}")).Count);
        Assert.Equal(turned, await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
        Assert.Equal(file[^128..], await server.BytesAsync($"{Files.InstanceUrl("1.1")}/frames/1", ("Accept", "application/octet-stream")));
        Assert.Equal(file[^128..], await server.BytesAsync($"{Files.InstanceUrl("1.1")}/bulkdata/7FE00010", ("Accept", "application/octet-stream")));
    }

    [Fact]
    [Trait("dicomweb", "58")]
    public async Task Deflated_IsReadOnFromWhereTheStudyWasFound()
    {
        await using var server = await WireServer.StartAsync();
        var spec = Files.Spec("1.1") with { Rows = 512, Columns = 512, Syntax = TransferSyntax.DeflatedExplicitVrLittleEndian };
        await server.StoreAsync(Instances.File(spec), Files.Ct("1.2"));
        Assert.Equal(Instances.File(spec), await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
        var plain = Instances.File(spec with { Syntax = TransferSyntax.ExplicitVrLittleEndian });
        Assert.Equal(plain[^(512 * 512 * 2)..], await server.BytesAsync($"{Files.InstanceUrl("1.1")}/frames/1", ("Accept", "application/octet-stream")));
    }

    [Fact]
    public async Task Session_GivenUp_LeavesNothing()
    {
        await using var server = await WireServer.StartAsync();
        await using (var open = await OpenAsync(server, new IngestOptions()))
        {
            await open.Session.AddAsync(new MemorySource(Files.Ct("1.1")), CancellationToken.None);
            using var cancelled = new CancellationTokenSource();
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open.Session.AddAsync(new MemorySource(Files.Ct("1.2")), cancelled.Token));
        }
        Assert.Empty(await server.ObjectsAsync("*.tar"));
        Assert.Empty(await server.SearchAsync("instances"));
    }

    [Fact]
    [Trait("attacks", "17")]
    public async Task Fragments_BeyondTheLimit_FailTheInstance()
    {
        await using var server = await WireServer.StartAsync();
        var file = Files.Encapsulated(Files.Spec("1.1"), "1.2.840.10008.1.2.4.50", [], []);
        var empty = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(empty, 0xE000_FFFE);
        byte[] many = [.. file[..^8], .. Enumerable.Repeat(empty, (1 << 20) + 1).SelectMany(item => item), .. file[^8..]];
        using var response = await server.StowAsync(many);
        var answer = await WireServer.AnswerAsync(response, System.Net.HttpStatusCode.Conflict);
        Assert.Equal(0x0110, Assert.Single(answer.Items(StowJson.Failed)).Reason());
    }

    [Fact]
    [Trait("dicomweb", "61")]
    public async Task Request_OfMoreInstancesThanAPackHolds_IsAnsweredWhole()
    {
        await using var server = await WireServer.StartAsync();
        using var response = await server.StowAsync(null, Enumerable.Range(0, 2500).Select(i => Files.Ct($"1.{i}")));
        var answer = await WireServer.AnswerAsync(response, System.Net.HttpStatusCode.OK);
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => $"1.{i}"), answer.Items(StowJson.Referenced).Select(item => item.Text("00081155")));
        Assert.Equal("2500", (await server.SearchAsync("studies"))[0].Text("00201208"));
    }

    private static async Task<string[]> TarListAsync(string pack)
    {
        using var tar = Process.Start(new ProcessStartInfo("tar", ["tf", pack]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var names = await tar.StandardOutput.ReadToEndAsync();
        var complaints = await tar.StandardError.ReadToEndAsync();
        await tar.WaitForExitAsync();
        Assert.Equal((0, ""), (tar.ExitCode, complaints));
        return names.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // An ingest of its own on the server's archive, with other limits.
    private static async Task<OpenSession> OpenAsync(WireServer server, IngestOptions options)
    {
        var host = server.Server.App.Services.GetRequiredService<ArchiveHost>().Archive;
        var lane = new CommitLanes(host.Index, host.Journal, TimeProvider.System);
        var tenant = (await host.Index.StateAsync(CancellationToken.None)).TenantKey;
        var time = TimeProvider.System;
        var session = new Ingest(host.Storage.Store, lane, tenant, options, time).Open(new IngestSource(Ulid.New(time), "test", "test", "test", time.GetUtcNow()));
        return new OpenSession(lane, session);
    }

    private sealed record OpenSession(CommitLanes Lane, IngestSession Session) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Session.DisposeAsync();
            await Lane.DisposeAsync();
        }
    }
}
