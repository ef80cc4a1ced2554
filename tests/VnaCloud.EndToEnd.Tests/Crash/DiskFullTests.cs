using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>A full disk refuses writes, and only those, until there is room again (checklist reliability F25).</summary>
public sealed class DiskFullTests
{
    private const string Uid = "2.25.78";
    private const int DiskBytes = 24 << 20;

    [Fact]
    public async Task Stow_IntoAFullDisk_Is507WhileReadingGoesOnAndWorksAgainWithRoom()
    {
        await using var disk = await SmallDisk.MountAsync(DiskBytes);
        await using var server = await ServerProcess.StartAsync(disk.Path);
        using var client = new ArchiveClient(server.BaseUrl);
        var stored = new List<string>();
        StowReply reply;
        while ((reply = await client.StowAsync(Large(stored.Count))).Status == HttpStatusCode.OK)
        {
            stored.Add(Sop(stored.Count));
            Assert.True(stored.Count < 60, "The disk does not fill.");
        }

        Assert.Equal(HttpStatusCode.InsufficientStorage, reply.Status);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await client.StowAsync(Large(stored.Count))).Status);
        await RequireExactlyAsync(client, stored);

        await disk.GrowAsync(2 * DiskBytes);
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(Large(stored.Count))).Status);
        stored.Add(Sop(stored.Count));
        await RequireExactlyAsync(client, stored);
    }

    [Fact]
    public async Task Stow_WithLessAndLessRoom_IsWholeOrRefusedWhereverTheDiskIsFull()
    {
        await using var disk = await SmallDisk.MountAsync(DiskBytes);
        await using var server = await ServerProcess.StartAsync(disk.Path);
        using var client = new ArchiveClient(server.BaseUrl);
        var (stored, refused) = (new List<string>(), 0);
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(Small(999))).Status);
        stored.Add(Sop(999));
        var filler = Path.Combine(disk.Path, "filler");
        // From enough for everything down to nothing: pack, directory, log and database each meet the end of the disk.
        for (var i = 0; i < 60; i++)
        {
            disk.Fill(filler, leaving: (60 - i) * 2048);
            var status = (await client.StowAsync(Small(i))).Status;
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.InsufficientStorage, $"{status} with {(60 - i) * 2} KB left");
            if (status == HttpStatusCode.OK)
            {
                stored.Add(Sop(i));
            }
            else
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1, 59);
        File.Delete(filler);

        await RequireAtLeastAsync(client, stored);
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(Small(1000))).Status);
        await server.Kill9();
        await using var again = await ServerProcess.StartAsync(disk.Path);
        using var after = new ArchiveClient(again.BaseUrl);
        var lost = 0;
        foreach (var (sop, file) in stored.Append(Sop(1000)).Select(sop => (sop, Small(int.Parse(sop[(sop.LastIndexOf('.') + 1)..], CultureInfo.InvariantCulture)))))
        {
            lost += (await after.TryHashAsync($"studies/{Uid}.1/series/{Uid}.1.1/instances/{sop}")).Hash == Convert.ToHexString(SHA256.HashData(file)) ? 0 : 1;
        }
        FaultTable.Add("F25", "full disk of the data folder", refused, stored.Count + 1, lost, null, "-");
        Assert.Equal(0, lost);
        await RequireAtLeastAsync(after, [.. stored, Sop(1000)]);
        await SqliteFile.CheckAsync(Path.Combine(disk.Path, "index.db"));
    }

    private static string Sop(int number) => $"{Uid}.1.1.{number}";

    private static byte[] Small(int number) => Instances.Ct($"{Uid}.1", $"{Uid}.1.1", Sop(number), number);

    private static byte[] Large(int number) =>
        Instances.File(new InstanceSpec($"{Uid}.1", $"{Uid}.1.1", Sop(number)) { Rows = 512, Columns = 512 });

    private static async Task RequireExactlyAsync(ArchiveClient client, List<string> stored)
    {
        var listed = await ListedAsync(client);
        Assert.Equal(stored.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        foreach (var sop in listed)
        {
            Assert.Equal(Large(int.Parse(sop.Split('.')[^1], CultureInfo.InvariantCulture)), await client.FileAsync(PathOf(sop)));
        }
    }

    // A refused one may be there, when only the answer's journal had no room: but then it is there whole.
    private static async Task RequireAtLeastAsync(ArchiveClient client, List<string> stored)
    {
        var listed = await ListedAsync(client);
        Assert.Subset(listed.ToHashSet(), stored.ToHashSet());
        foreach (var sop in listed)
        {
            Assert.Equal(Small(int.Parse(sop.Split('.')[^1], CultureInfo.InvariantCulture)), await client.FileAsync(PathOf(sop)));
        }
        var study = Assert.Single(await client.SearchAsync($"studies?StudyInstanceUID={Uid}.1"));
        Assert.Equal(listed.Count, ArchiveClient.Number(study, "00201208"));
    }

    private static string PathOf(string sop) => $"studies/{Uid}.1/series/{Uid}.1.1/instances/{sop}";

    private static async Task<List<string>> ListedAsync(ArchiveClient client) =>
        [.. (await client.SearchAsync($"studies/{Uid}.1/instances?limit=1000")).Select(match => ArchiveClient.Text(match, "00080018"))];
}
