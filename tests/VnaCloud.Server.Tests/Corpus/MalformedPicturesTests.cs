using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>What was stored of the malformed files, asked for in every form that needs its pixels: an answer or a reason, never a failure of the server's own.</summary>
public sealed class MalformedPicturesTests(ITestOutputHelper output)
{
    private static readonly (string Path, string Accept)[] Forms =
    [
        ("/rendered", "image/jpeg"), ("/rendered", "image/png"), ("/rendered", "image/gif"), ("/thumbnail", "image/jpeg"), ("/frames/1", "application/octet-stream"),
        ("/frames/1", "image/jls"), ("/frames/1", "image/jp2"), ("/frames/1", "image/jphc"), ("/frames/1", "image/dicom-rle"), ("/frames/1/rendered", "image/png"),
        ("", "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"), ("", "application/dicom; transfer-syntax=1.2.840.10008.1.2.1.99"),
        ("", "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.201"),
    ];

    [Fact]
    [Trait("dicomweb", "169")]
    public async Task MalformedFiles_InFormsThatNeedTheirPixels_AreAnsweredOrRefused()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        Assert.SkipWhen(Stack.IsBalanced, "once is enough: what is decoded does not depend on where it is stored");
        var (faults, statuses) = (new List<string>(), new SortedDictionary<int, int>());
        foreach (var file in TestCorpus.Malformed)
        {
            await using var server = await WireServer.StartAsync();
            using var stored = await server.StowAsync(file.ReadBytes());
            if (stored.StatusCode == HttpStatusCode.Conflict)
            {
                continue;
            }
            var answer = JsonNode.Parse(await stored.Content.ReadAsStringAsync())!.AsObject();
            var url = answer.Items(StowJson.Referenced)[0].Text(StowJson.RetrieveUrl)!;
            foreach (var (path, accept) in Forms)
            {
                var begun = Stopwatch.GetTimestamp();
                var status = await StatusAsync(server, url + path, accept);
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
                if (status is not (0 or 200 or 400 or 404 or 406) || Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(10))
                {
                    faults.Add($"{file.Name}{path} as {accept}: {status} after {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
                }
            }
            using var alive = await server.Server.SendAsync(HttpMethod.Get, "/health/ready");
            Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        }
        output.WriteLine(string.Join(", ", statuses.Select(pair => $"{(pair.Key == 0 ? "cut off" : pair.Key)}: {pair.Value}")));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    // 0 where the answer was cut off in its middle.
    private static async Task<int> StatusAsync(WireServer server, string url, string accept)
    {
        try
        {
            using var response = await server.GetAsync(url, ("Accept", accept));
            await response.Content.ReadAsByteArrayAsync();
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }
}
