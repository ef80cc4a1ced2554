using System.Net;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Corpus;


/// <summary>Every file that pydicom and DCMTK call good goes in and comes back, byte for byte.</summary>
public sealed class ValidFilesTests
{
    private const int FramesUpTo = 2_000_000;
    private const int MostFrames = 40;
    private const string AsStored = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

    [Fact]
    [Trait("dicomweb", "51")]
    [Trait("dicomweb", "121")]
    [Trait("dicomweb", "122")]
    [Trait("dicomweb", "126")]
    [Trait("dicomweb", "129")]
    [Trait("dicomweb", "133")]
    [Trait("dicomweb", "153")]
    [Trait("dicomweb", "58")]
    public async Task StorableFiles_AreStoredAndComeBackByteForByte()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        var faults = new List<string>();
        // Copies of one SOP Instance UID go into data folders of their own.
        foreach (var round in TestCorpus.Sample(TestCorpus.Storable, 8).GroupBy(file => file["sop_instance_uid"]).SelectMany(copies => copies.Select((file, copy) => (file, copy))).GroupBy(pair => pair.copy))
        {
            await using var server = await WireServer.StartAsync();
            await Parallel.ForEachAsync(round, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (pair, _) =>
            {
                try
                {
                    await CheckAsync(server, pair.file);
                }
                catch (Exception fault) when (fault is not OutOfMemoryException)
                {
                    lock (faults)
                    {
                        faults.Add($"{pair.file}: {fault.Message}");
                    }
                }
            });
        }
        Assert.True(faults.Count == 0, $"{faults.Count} files:\n{string.Join('\n', faults)}");
    }

    [Fact]
    [Trait("dicomweb", "39")]
    public async Task OtherFiles_GetANamedFailureAndChangeNothing()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        var others = TestCorpus.Ok.Except(TestCorpus.Storable).ToList();
        Assert.Equal(23, others.Count);
        await using var server = await WireServer.StartAsync();
        foreach (var file in others)
        {
            using var response = await server.StowAsync(file.ReadBytes());
            var answer = await WireServer.AnswerAsync(response, HttpStatusCode.Conflict);
            var failure = Assert.Single(answer.Items(StowJson.Failed).Concat(answer.Items(StowJson.Other)));
            Assert.True(failure.Reason() is 0x0120 or 0x0122 or 0xC000 or 0x0106, $"{file}: {failure}");
            Assert.NotEmpty(failure.Text("00000902")!);
        }
        Assert.Empty(await server.SearchAsync("instances"));
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    private static async Task CheckAsync(WireServer server, CorpusFile file)
    {
        var bytes = file.ReadBytes();
        using var response = await server.StowAsync(bytes);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted, $"{(int)response.StatusCode} {text}");
        var stored = Assert.Single(JsonNode.Parse(text)!.AsObject().Items(StowJson.Referenced));
        var url = new Uri(stored.Text(StowJson.RetrieveUrl)!).AbsolutePath;
        Assert.Equal(file["sop_instance_uid"], stored.Text("00081155"));

        bytes.AsSpan(0, 128).Clear();
        var single = await server.BytesAsync(url, ("Accept", "application/dicom; transfer-syntax=*"));
        Assert.True(bytes.AsSpan().SequenceEqual(single), "single part differs");
        using var multipart = await server.GetAsync(url, ("Accept", AsStored));
        var part = Assert.Single((await AnswerParts.ReadAsync(multipart)).Parts);
        Assert.True(bytes.AsSpan().SequenceEqual(part.Body), "multipart differs");
        Assert.Equal($"application/dicom; transfer-syntax={file.TransferSyntaxUid}", part.ContentType);

        var metadata = (await server.MetadataAsync(url))[0]!.AsObject();
        Assert.Equal(file["sop_instance_uid"], metadata.Text("00080018"));
        JsonModel.Check(metadata);
        await BulkUrisAsync(server, metadata, TransferSyntax.Get(file.TransferSyntaxUid));
        if (bytes.Length < FramesUpTo)
        {
            await FramesAsync(server, url, bytes, TransferSyntax.Get(file.TransferSyntaxUid));
        }
    }

    private static async Task FramesAsync(WireServer server, string url, byte[] file, TransferSyntax syntax)
    {
        var (frames, expected) = await FrameBytes.ReadAsync(file);
        if (expected.Count == 0)
        {
            using var none = await server.GetAsync($"{url}/frames/1");
            Assert.True(none.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.NotAcceptable, $"frames of {frames.Layout}: {(int)none.StatusCode}");
            return;
        }
        var wanted = Enumerable.Range(0, expected.Count).Where(i => i < MostFrames || i == expected.Count - 1).ToList();
        using var response = await server.GetAsync($"{url}/frames/{string.Join(',', wanted.Select(i => i + 1))}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var parts = (await AnswerParts.ReadAsync(response)).Parts;
        Assert.Equal(wanted.Count, parts.Count);
        for (var i = 0; i < parts.Count; i++)
        {
            Assert.True(expected[wanted[i]].AsSpan().SequenceEqual(parts[i].Body), $"frame {wanted[i] + 1} differs");
            Assert.StartsWith(frames.Layout == FrameLayout.Encapsulated ? syntax.MediaType : "application/octet-stream", parts[i].ContentType, StringComparison.Ordinal);
        }
    }

    private static async Task BulkUrisAsync(WireServer server, JsonNode node, TransferSyntax syntax)
    {
        foreach (var uri in Uris(node).Distinct())
        {
            using var response = await server.GetAsync(uri);
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{new Uri(uri).AbsolutePath}: {(int)response.StatusCode} ({syntax.Name})");
            Assert.Equal(response.Content.Headers.ContentLength, body.Length);
        }
    }

    private static IEnumerable<string> Uris(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(pair => pair.Key == "BulkDataURI" ? [(string)pair.Value!] : Uris(pair.Value)),
        JsonArray array => array.SelectMany(Uris),
        _ => [],
    };
}
