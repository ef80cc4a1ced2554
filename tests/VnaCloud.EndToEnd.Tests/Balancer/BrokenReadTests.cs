using System.Globalization;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Balancer;

/// <summary>A study whose stored bytes end too early is seen as broken by whoever reads it, through a proxy as well.</summary>
public sealed class BrokenReadTests
{
    private const string Study = "2.25.7001";
    private const int Slices = 40;

    [Theory]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=*", false)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=*", true)]
    [InlineData("application/zip", false)]
    [InlineData("application/zip", true)]
    public async Task Study_whose_object_ends_half_way_is_never_complete(string accept, bool balanced)
    {
        Assert.SkipUnless(!balanced || Nginx.IsInstalled, Nginx.Missing);
        await using var server = await ServerProcess.StartAsync();
        await using var nginx = balanced ? await Nginx.StartAsync(server.BaseUrl) : null;
        using var client = new ArchiveClient(nginx?.BaseUrl ?? server.BaseUrl);
        var stored = await client.StowAsync([.. Enumerable.Range(1, Slices).Select(Slice)]);
        Assert.Equal(Slices, stored.Stored.Count);
        var whole = await ReadAsync(client, accept);

        // Twenty slices of half a megabyte still go out before the hole is met.
        var pack = Directory.EnumerateFiles(Path.Combine(server.DataFolder, "objects"), "*.tar", SearchOption.AllDirectories).Single();
        using (var file = File.OpenHandle(pack, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) / 2);
        }

        await Assert.ThrowsAnyAsync<IOException>(() => ReadAsync(client, accept));
        Assert.True(whole > Slices * 512 * 512 * 2);
        Assert.False(server.HasExited);
    }

    private static byte[] Slice(int number) => Instances.File(
        new InstanceSpec(Study, "2.25.7002", string.Create(CultureInfo.InvariantCulture, $"2.25.71{number:D3}")) { Rows = 512, Columns = 512, InstanceNumber = number });

    // Bytes of the body, when it came to the end that its length announced.
    private static async Task<long> ReadAsync(ArchiveClient client, string accept)
    {
        using var answer = await client.SendAsync($"studies/{Study}", accept);
        Assert.NotNull(answer.Content.Headers.ContentLength);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var read = 0L;
        while (await body.ReadAsync(buffer) is > 0 and var step)
        {
            read += step;
        }
        Assert.Equal(answer.Content.Headers.ContentLength, read);
        return read;
    }
}
