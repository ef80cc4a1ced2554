using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Maintenance;

public sealed class CompactionRaceTests
{
    private const string AsStored = "application/dicom; transfer-syntax=*";

    [Fact]
    [Trait("fault", "F34")]
    public async Task StoresReadsAndDeletes_WhileTheStudyIsCompactedWithoutPause_AreAllRight()
    {
        await using var server = await WireServer.StartAsync("--Vna:Maintenance:Enabled", "false", "--Vna:Maintenance:QuietSeconds", "0");
        var upkeep = server.Server.App.Services.GetRequiredService<ArchiveHost>().Upkeep with { };
        var stored = new ConcurrentDictionary<string, byte[]>();
        using var done = new CancellationTokenSource();
        var compactions = 0L;
        var compacting = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var report = await new Compactor(upkeep).RunAsync(_ => { }, default);
                Assert.Equal((null, 0L), (report.Off, report.FindingCount));
                compactions += report.Written;
            }
        });
        var reading = Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                foreach (var (sop, file) in stored)
                {
                    using var response = await server.GetAsync(Files.InstanceUrl(sop), ("Accept", AsStored));
                    // Deleted meanwhile, or the very bytes.
                    if (response.StatusCode == HttpStatusCode.OK)
                    {
                        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync());
                    }
                    else
                    {
                        Assert.Equal((HttpStatusCode.NotFound, false), (response.StatusCode, stored.ContainsKey(sop)));
                    }
                }
            }
        });
        await Task.WhenAll(Enumerable.Range(1, 3).Select(async writer =>
        {
            for (var i = 1; i <= 15; i++)
            {
                var sop = $"1.{writer}.{i}";
                await server.StoreAsync(Files.Ct(sop));
                Assert.True(stored.TryAdd(sop, Files.Ct(sop)));
                if (i % 5 == 0)
                {
                    Assert.True(stored.TryRemove(sop, out _));
                    using var deleted = await server.SendAsync("DELETE", Files.InstanceUrl(sop));
                    Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
                }
            }
        }));
        await done.CancelAsync();
        await Task.WhenAll(compacting, reading);

        Assert.True(compactions > 0);
        Assert.Equal(36, stored.Count);
        Assert.Equal(36, (await server.SearchAsync("instances?limit=100")).Count);
        foreach (var (sop, file) in stored)
        {
            Assert.Equal(file, await server.BytesAsync(Files.InstanceUrl(sop), ("Accept", AsStored)));
        }
    }
}
