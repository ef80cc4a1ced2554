using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using VnaCloud.Server.Tests.Corpus;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>
/// Damaged streams, bombs and malformed files asked for in forms that need their pixels, over HTTP from a server that is a process; and what others get
/// meanwhile: pictures, frames and searches, timed with and without. Alone, because it takes times.
/// </summary>
[Collection(Alone.Name)]
public sealed class HostileFramesTests(ITestOutputHelper output)
{
    private const string Rle = "1.2.840.10008.1.2.5", Deflated = "1.2.840.10008.1.2.8.1", Jpeg = "1.2.840.10008.1.2.4.50";
    private const int FramesOfAFile = 100;
    private const int HostileClients = 2;
    private const int HonestRounds = 30;
    // What is started and compiled at the first time included; after that it is flat.
    private const long MostGrowth = 96L << 20;

    // What is compiled and kept for the next request comes at first: five hundred requests show less of a leak than five thousand.
    private static readonly long MostGrowthOfTheLaterHalf = TestLength.Of(normal: 48L, full: 24L) << 20;
    private static readonly int Count = TestLength.Of(fast: 200, normal: 1_000, full: 10_000);
    private static readonly string[] Encodings = ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201", Rle];

    private readonly ConcurrentDictionary<string, int> _answers = new();
    private HttpClient _client = null!;

    [Fact]
    [Trait("codecs", "hostile")]
    public async Task HostileFrames_OfSomeClients_DoNotReachTheOthers()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        Assert.SkipWhen(Stack.IsBalanced, "once is enough: what is decoded does not depend on where it is stored");
        await using var server = await ServerProcess.StartAsync(null, $"--Vna:Codecs:Program={NativeCodecs.Program}", "--Vna:Codecs:TimeoutSeconds=5");
        using var client = new HttpClient { BaseAddress = new Uri(server.BaseUrl, "dicom-web/"), Timeout = TimeSpan.FromSeconds(60) };
        _client = client;
        var honest = await StoreHonestAsync();
        var hostile = await StoreHostileAsync();
        await HonestAsync(honest, rounds: 5, default); // what is compiled and started at the first time is not timed
        var without = await HonestAsync(honest, HonestRounds, default);
        var memory = new List<long> { Memory(server) };
        using var over = new CancellationTokenSource();
        var beside = HonestAsync(honest, int.MaxValue, over.Token);
        var begun = Stopwatch.GetTimestamp();
        foreach (var tenth in hostile.Chunk((hostile.Count + 9) / 10))
        {
            await Parallel.ForEachAsync(tenth, new ParallelOptions { MaxDegreeOfParallelism = HostileClients }, async (request, _) => await AskAsync(request.Path, request.Accept));
            memory.Add(Memory(server));
        }
        var took = Stopwatch.GetElapsedTime(begun);
        await over.CancelAsync();
        var with = await beside;
        Report(hostile.Count, took, without, with, memory);
        Assert.False(server.HasExited, server.LogText);
        Assert.True(_answers.Keys.All(static answer => answer.Split(' ')[0] is "200" or "404" or "406" or "500" or "cut"), string.Join(", ", _answers));
        // A worker that is lost is a 500, few are; nothing else may be one.
        Assert.True(_answers.GetValueOrDefault("500") <= hostile.Count / 20, string.Join(", ", _answers));
        Assert.DoesNotContain("Unhandled", server.LogText, StringComparison.Ordinal);
        Assert.InRange(memory[^1] - memory[0], long.MinValue, MostGrowth);
        Assert.InRange(memory[^1] - memory[memory.Count / 2], long.MinValue, MostGrowthOfTheLaterHalf);
        foreach (var (name, times) in with)
        {
            // Processors are shared by all, and a worker that hangs is waited for: some seconds of its time, at worst for both.
            Assert.True(Median(times) < Math.Max(250, 10 * Median(without[name])), $"{name}: {Median(times)} ms");
        }
    }

    private async Task<Dictionary<string, (string Path, string Accept)>> StoreHonestAsync()
    {
        await StowAsync(Instances.File(Files.Spec("1.1") with { Rows = 512, Columns = 512 }));
        var encoded = await GetAsync(Files.InstanceUrl("1.1"), "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.201");
        var file = Encoding.Latin1.GetString(encoded).Replace("\u0004\u00001.1\0", "\u0004\u00001.2\0", StringComparison.Ordinal);
        await StowAsync(Encoding.Latin1.GetBytes(file));
        return new()
        {
            ["rendered CT"] = ($"{Files.InstanceUrl("1.1")}/rendered", "image/jpeg"),
            ["HTJ2K frame decoded"] = ($"{Files.InstanceUrl("1.2")}/frames/1", "application/octet-stream"),
            ["stored frame"] = ($"{Files.InstanceUrl("1.1")}/frames/1", "application/octet-stream"),
            ["QIDO"] = ("studies?PatientName=Doe*", "application/dicom+json"),
        };
    }

    // Streams of every codec, as the server itself makes them, damaged; deflate bombs; and what was stored of the malformed files.
    private async Task<List<(string Path, string Accept)>> StoreHostileAsync()
    {
        var requests = new List<(string, string)>();
        var small = Files.Spec("2.1") with { Rows = 120, Columns = 160, Series = "1.2.826.77.1.2" };
        await StowAsync(Instances.File(small));
        var url = Files.InstanceUrl("2.1", small.Series);
        var streams = new List<(string Syntax, byte[] Stream)> { (Jpeg, await GetAsync($"{url}/rendered", "image/jpeg")), (Deflated, Bomb()) };
        foreach (var syntax in Encodings)
        {
            var type = syntax == Rle ? "image/dicom-rle" : syntax.EndsWith(".80", StringComparison.Ordinal) ? "image/jls" : syntax.EndsWith(".90", StringComparison.Ordinal) ? "image/jp2" : "image/jphc";
            streams.Add((syntax, await GetAsync($"{url}/frames/1", type)));
        }
        for (var number = 0; requests.Count < Count; number++)
        {
            var (syntax, stream) = streams[number % streams.Count];
            var spec = small with { Sop = $"3.{number}", Frames = FramesOfAFile };
            byte[][] frames = [.. Enumerable.Range(0, FramesOfAFile).Select(i => Even(syntax == Deflated && i % 2 == 0 ? stream : DamagedStreams.Damage(stream, (number * FramesOfAFile) + i)))];
            await StowAsync(Files.Encapsulated(spec, syntax, [], frames));
            requests.AddRange(Enumerable.Range(1, FramesOfAFile).Select(i => ($"{Files.InstanceUrl(spec.Sop, spec.Series)}/frames/{i}{(i % 2 == 0 ? "/rendered" : "")}", i % 2 == 0 ? "image/png" : "application/octet-stream")));
        }
        requests = [.. requests.Take(Count)];
        foreach (var file in TestCorpus.Exists ? TestCorpus.Malformed : [])
        {
            using var content = Content(file.ReadBytes());
            using var answer = await _client.PostAsync("studies", content);
            if (JsonNode.Parse(await answer.Content.ReadAsStringAsync()) is JsonObject stored && stored.ContainsKey(StowJson.Referenced))
            {
                requests.Add(($"{stored.Items(StowJson.Referenced)[0].Text(StowJson.RetrieveUrl)}/rendered", "image/png"));
            }
        }
        var mixed = requests.ToArray();
        new Random(1).Shuffle(mixed);
        return [.. mixed];
    }

    // Rounds of one request of each kind, until all are done or nobody is hostile any more.
    private async Task<Dictionary<string, List<double>>> HonestAsync(Dictionary<string, (string Path, string Accept)> requests, int rounds, CancellationToken over)
    {
        var times = requests.Keys.ToDictionary(static name => name, static _ => new List<double>());
        for (var round = 0; round < rounds && !over.IsCancellationRequested; round++)
        {
            foreach (var (name, (path, accept)) in requests)
            {
                var begun = Stopwatch.GetTimestamp();
                await GetAsync(path, accept);
                times[name].Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }
        return times;
    }

    private async Task AskAsync(string path, string accept)
    {
        string answer;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            using var response = await _client.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
            answer = $"{(int)response.StatusCode}";
        }
        catch (HttpRequestException)
        {
            answer = "cut off";
        }
        _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);
    }

    private async Task<byte[]> GetAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await _client.SendAsync(request);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode}");
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task StowAsync(byte[] file)
    {
        using var content = Content(file);
        using var answer = await _client.PostAsync("studies", content);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private static ByteArrayContent Content(byte[] file)
    {
        var content = new ByteArrayContent(file);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/dicom");
        return content;
    }

    // A megabyte for each kilobyte.
    private static byte[] Bomb()
    {
        using var bomb = new MemoryStream();
        using (var deflate = new DeflateStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(new byte[64 << 20]);
        }
        return bomb.ToArray();
    }

    private static byte[] Even(byte[] bytes) => bytes.Length % 2 == 0 ? bytes : [.. bytes, 0];

    private static long Memory(ServerProcess server) =>
        long.Parse(File.ReadLines($"/proc/{server.Pid}/status").Single(static line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    private static double Median(List<double> times) => Quantile(times, 0.5);

    private static double Quantile(List<double> times, double part) => times.Order().ElementAt(Math.Min(times.Count - 1, (int)(times.Count * part)));

    private void Report(int count, TimeSpan took, Dictionary<string, List<double>> without, Dictionary<string, List<double>> with, List<long> memory)
    {
        output.WriteLine($"{count} hostile requests in {took.TotalSeconds:0} s: {string.Join(", ", _answers.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Key}: {pair.Value}"))}. Memory of the server, before and after each tenth, MiB: {string.Join(", ", memory.Select(static bytes => bytes >> 20))}.");
        foreach (var (name, times) in with)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: alone median {Median(without[name]):0.0} ms, p99 {Quantile(without[name], 0.99):0.0} ms; beside them ({times.Count}) median {Median(times):0.0} ms, p99 {Quantile(times, 0.99):0.0} ms"));
        }
    }
}
