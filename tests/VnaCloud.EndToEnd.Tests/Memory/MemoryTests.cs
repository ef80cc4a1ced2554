using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Memory;

/// <summary>The server's memory does not grow with what passes through it.</summary>
public sealed class MemoryTests(ITestOutputHelper output)
{
    private const string Uid = "2.25.80";
    private const string InstancesOfStudy = "00201208";
    private const long Bound = 300_000_000;

    private static readonly int Frames = TestLength.Of(fast: 256, normal: 4200, full: 4200);
    private static readonly int Parts = TestLength.Of(fast: 2_000, normal: 10_000, full: 10_000);

    [Fact]
    public async Task Server_GivenAnObjectOver4GiBAndAVeryLongBody_StaysUnder300MB()
    {
        await using var server = await ServerProcess.StartAsync(null, "--Vna:Rehearsal=true");
        using var client = new ArchiveClient(server.BaseUrl);

        await LargeObjectAsync(client);
        output.WriteLine($"after the large object: peak {Peak(server) / 1_000_000} MB");
        await LongBodyAsync(client, server);
        output.WriteLine($"after the long body: peak {Peak(server) / 1_000_000} MB");

        Assert.InRange(Peak(server), 1, Bound);
    }

    private async Task LargeObjectAsync(ArchiveClient client)
    {
        var large = new LargeObject(new InstanceSpec($"{Uid}.1", $"{Uid}.1.1", $"{Uid}.1.1.1")
        {
            Rows = 1024,
            Columns = 1024,
            Syntax = TransferSyntax.Get("1.2.840.10008.1.2.4.90"),
        }, Frames);
        var path = $"studies/{large.Spec.Study}/series/{large.Spec.Series}/instances/{large.Spec.Sop}";
        var started = TimeProvider.System.GetTimestamp();

        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(new LargeBody(large))).Status);
        var stored = TimeProvider.System.GetElapsedTime(started);
        Assert.Equal(large.Hash, await client.HashAsync(path));
        output.WriteLine($"{large.Length} bytes stored in {stored.TotalSeconds:F1} s, stored and read back in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");

        foreach (var frame in (int[])[0, Frames / 2, Frames - 1])
        {
            using var answer = await client.SendAsync($"{path}/frames/{frame + 1}", "application/octet-stream; transfer-syntax=*");
            Assert.Equal(SHA256.HashData(large.Frame(frame).Span), SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
        }
    }

    private async Task LongBodyAsync(ArchiveClient client, ServerProcess server)
    {
        var (study, started) = ($"{Uid}.2", TimeProvider.System.GetTimestamp());
        var files = Enumerable.Range(0, Parts).Select(i => Instances.Ct(study, $"{study}.{i % 5}", $"{study}.{i % 5}.{i}", i)).ToList();

        var reply = await client.StowAsync(files);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(Parts, reply.Stored.Count);
        output.WriteLine($"{Parts} instances stored: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s, peak {Peak(server) / 1_000_000} MB");

        using var answer = await client.SendAsync($"studies/{study}", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        var boundary = answer.Content.Headers.ContentType!.Parameters.Single(parameter => parameter.Name == "boundary").Value!.Trim('"');
        var parts = HashesOfParts(await answer.Content.ReadAsByteArrayAsync(), boundary);
        Assert.Equal(
            files.Select(file => Convert.ToHexString(SHA256.HashData(file))).Order(StringComparer.Ordinal),
            parts.Order(StringComparer.Ordinal));
        output.WriteLine($"{Parts} instances retrieved: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s, peak {Peak(server) / 1_000_000} MB");

        using var metadata = await client.SendAsync($"studies/{study}/metadata", "application/dicom+json");
        using var json = await JsonDocument.ParseAsync(await metadata.Content.ReadAsStreamAsync());
        Assert.Equal(Parts, json.RootElement.GetArrayLength());
        Assert.Equal(Parts, ArchiveClient.Number(Assert.Single(await client.SearchAsync($"studies?StudyInstanceUID={study}")), InstancesOfStudy));
        output.WriteLine($"{Parts} instances described: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s, peak {Peak(server) / 1_000_000} MB");
    }

    private static List<string> HashesOfParts(byte[] body, string boundary)
    {
        var (delimiter, hashes) = (Encoding.ASCII.GetBytes($"\r\n--{boundary}"), new List<string>());
        var rest = body.AsSpan();
        rest = rest[(rest.IndexOf(delimiter.AsSpan(2)) + delimiter.Length - 2)..];
        while (!rest.StartsWith("--"u8))
        {
            rest = rest[(rest.IndexOf("\r\n\r\n"u8) + 4)..];
            var end = rest.IndexOf(delimiter);
            hashes.Add(Convert.ToHexString(SHA256.HashData(rest[..end])));
            rest = rest[(end + delimiter.Length)..];
        }
        return hashes;
    }

    /// <summary>The most physical memory that the process ever had, in bytes.</summary>
    private static long Peak(ServerProcess server)
    {
        var line = File.ReadLines($"/proc/{server.Pid}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
