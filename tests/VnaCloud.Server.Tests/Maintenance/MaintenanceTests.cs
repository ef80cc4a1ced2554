using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Maintenance;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Maintenance;

public sealed class MaintenanceTests
{
    private const string AsStored = "application/dicom; transfer-syntax=*";

    [Fact]
    public async Task Jobs_OfARunningServer_CompactWithoutReadersNoticing()
    {
        await using var server = await WireServer.StartAsync("--Vna:Maintenance:QuietSeconds", "0", "--Vna:Maintenance:CompactSeconds", "1");
        for (var i = 1; i <= 4; i++)
        {
            await server.StoreAsync(Files.Ct($"1.{i}"));
        }
        var (tag, metadata) = await MetadataAsync(server);
        var upkeep = server.Server.App.Services.GetRequiredService<ArchiveHost>().Upkeep;
        for (var i = 0; i < 300 && (await upkeep.Index.StateAsync(default)).Packs > 1; i++)
        {
            await Task.Delay(50);
            Assert.Equal(Files.Ct("1.2"), await server.BytesAsync(Files.InstanceUrl("1.2"), ("Accept", AsStored)));
        }
        Assert.Equal(1, (await upkeep.Index.StateAsync(default)).Packs);
        Assert.Equal((tag, metadata), await MetadataAsync(server));
    }

    [Fact]
    public async Task Read_WithLocatorsOfAPackThatVanished_GoesOnInTheNewOne()
    {
        await using var server = await WireServer.StartAsync("--Vna:Maintenance:Enabled", "false", "--Vna:Maintenance:QuietSeconds", "0");
        for (var i = 1; i <= 3; i++)
        {
            await server.StoreAsync(Files.Ct($"1.{i}"));
        }
        var upkeep = server.Server.App.Services.GetRequiredService<ArchiveHost>().Upkeep;
        var held = (await upkeep.Index.LocateAsync(TenantId.Default, Files.Study, null, null, default))!;
        Assert.Equal(1, (await new Compactor(upkeep).RunAsync(_ => { }, default)).Written);
        foreach (var key in held.Instances.Select(entry => entry.Data.PackKey).Distinct())
        {
            await upkeep.Store.DeleteAsync(key, default);
        }
        var relocating = new RelocatingStore(upkeep.Store, upkeep.Index, TenantId.Default, held);
        foreach (var (entry, i) in held.Instances.Select((entry, i) => (entry, i + 1)))
        {
            var bytes = new byte[entry.Data.Length];
            Assert.Equal(bytes.Length, await relocating.ReadAsync(entry.Data.PackKey, entry.Data.Offset, bytes, default));
            Assert.Equal(Files.Ct($"1.{i}"), bytes);
            Assert.Contains($"1.{i}", System.Text.Encoding.UTF8.GetString(await new StoredMetadata(relocating).ReadAsync(entry.Metadata, "x", default)), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("fault", "F37")]
    public async Task Read_OfADamagedInstance_FailsClearlyAndNeighboursAreGiven()
    {
        Assert.SkipWhen(Stack.IsCloud, "Changes a file of the folder.");
        await using var server = await WireServer.StartAsync("--Vna:Maintenance:Enabled", "false");
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        await using (var file = File.Open(Assert.Single(await server.ObjectsAsync("*.tar")), FileMode.Open))
        {
            file.Position = 512 + Files.Ct("1.1").Length - 1;
            var last = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(last ^ 1));
        }
        var services = server.Server.App.Services;
        using var meter = new MeterListener();
        var mismatches = 0L;
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: UpkeepMeter.Name, Name: "vna.maintenance.mismatches" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref mismatches, value));
        meter.Start();
        Assert.Equal(1, (await new Scrubber(services.GetRequiredService<ArchiveHost>().Upkeep).RunAsync(ScrubScope.All, _ => { }, default)).FindingCount);
        await services.GetRequiredService<MaintenanceWatch>().RefreshAsync(default);
        Assert.True(Interlocked.Read(ref mismatches) > 0);

        foreach (var path in new[] { Files.InstanceUrl("1.1"), $"{Files.InstanceUrl("1.1")}/frames/1" })
        {
            using var refused = await server.GetAsync(path, ("Accept", path.Contains("frames", StringComparison.Ordinal) ? "*/*" : AsStored));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
        }
        Assert.Equal(Files.Ct("1.2"), await server.BytesAsync(Files.InstanceUrl("1.2"), ("Accept", AsStored)));
        using var study = await server.GetAsync($"studies/{Files.Study}", ("Accept", "multipart/related; type=\"application/dicom\"; transfer-syntax=*"));
        Assert.Equal(HttpStatusCode.PartialContent, study.StatusCode);
        Assert.Equal(Files.Ct("1.2"), Assert.Single((await AnswerParts.ReadAsync(study)).Parts).Body);
        using var zip = await server.GetAsync($"studies/{Files.Study}", ("Accept", "application/zip"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, zip.StatusCode);
        Assert.Equal(2, (await server.SearchAsync("instances")).Count);
        Assert.Equal(2, (await server.MetadataAsync($"studies/{Files.Study}")).Count); // its metadata is whole
    }

    [Fact]
    [Trait("fault", "F38")]
    public async Task Read_OfAMissingObject_Is503AndSearchesStillListIt()
    {
        Assert.SkipWhen(Stack.IsCloud, "Takes a file out of the folder.");
        await using var server = await WireServer.StartAsync("--Vna:Maintenance:Enabled", "false");
        await server.StoreAsync(Files.Ct("1.1"));
        File.Delete(Assert.Single(await server.ObjectsAsync("*.tar")));
        using var missing = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, missing.StatusCode);
        Assert.Single(await server.SearchAsync("instances"));
    }

    [Fact]
    [Trait("fault", "F40")]
    public async Task Start_WithAnIndexOlderThanItsStore_IsNotReadyAndSaysAdopt()
    {
        Assert.SkipWhen(Stack.IsCloud, "Puts an older SQLite file in place.");
        var folder = Directory.CreateTempSubdirectory("vnacloud-older-").FullName;
        try
        {
            var old = Path.Combine(folder, "old.db");
            await using (var server = await WireServer.StartAtAsync(folder, null))
            {
                await server.StoreAsync(Files.Ct("1.1"));
                var upkeep = server.Server.App.Services.GetRequiredService<ArchiveHost>().Upkeep;
                await ((Index.SqliteArchiveIndex)upkeep.Upkeep).BackupAsync(old, default);
                await server.StoreAsync(Files.Ct("1.2"));
                await new ArchivePosition(upkeep).CheckpointAsync(default);
            }
            File.Copy(old, Path.Combine(folder, "index.db"), overwrite: true);
            await using var restored = await WireServer.StartAtAsync(folder, null);
            using var ready = await restored.GetAsync("/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            foreach (var path in new[] { "studies", "/changes" })
            {
                using var answer = await restored.GetAsync(path);
                Assert.Contains("vna adopt", (await WireServer.AnswerAsync(answer, HttpStatusCode.ServiceUnavailable))["detail"]!.ToString(), StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string Tag, string Text)> MetadataAsync(WireServer server)
    {
        using var response = await server.GetAsync($"studies/{Files.Study}/metadata");
        return (response.Headers.ETag!.Tag, await response.Content.ReadAsStringAsync());
    }
}
