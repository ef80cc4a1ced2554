using System.Text;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.DicomWeb.Tests;

/// <summary>The client against the archive of this repository.</summary>
public sealed class ServerTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly DicomWebClient _client = fixture.Client;

    [Fact]
    public async Task Instances_StoredAndRetrieved_HaveTheSameBytes()
    {
        var files = Enumerable.Range(1, 5).ToDictionary(i => $"1.2.3.{i}", i => Instances.Ct("1.2.1", "1.2.2", $"1.2.3.{i}", i));
        var answer = (await _client.StoreAsync([.. files.Select(file => Outgoing(file.Key, file.Value))], [], default)).Require();
        Assert.Equal(200, answer.Status);
        Assert.All(answer.Outcomes, outcome => Assert.Equal(StoreState.Stored, outcome.State));
        foreach (var path in new[] { new DicomPath("1.2.1"), new DicomPath("1.2.1", "1.2.2") })
        {
            Assert.Equal(files.Values.Select(Convert.ToHexString).Order(), (await RetrieveAsync(path)).Select(Convert.ToHexString).Order());
        }
        Assert.Equal(files["1.2.3.4"], Assert.Single(await RetrieveAsync(new DicomPath("1.2.1", "1.2.2", "1.2.3.4"))));
    }

    [Fact]
    public async Task Store_OfGoodAndBad_TellsThemApart()
    {
        var first = Instances.Ct("1.3.1", "1.3.2", "1.3.3.1");
        await _client.StoreAsync([Outgoing("1.3.3.1", first)], [], default);
        var answer = (await _client.StoreAsync(
            [
                Outgoing("1.3.3.2", Instances.Ct("1.3.1", "1.3.2", "1.3.3.2")),
                Outgoing("1.3.3.1", Instances.Ct("1.3.1", "1.3.2", "1.3.3.1", seed: 5)),
                Outgoing("1.3.3.9", Encoding.ASCII.GetBytes(new string('x', 500))),
            ], [], default)).Require();
        Assert.Equal(202, answer.Status);
        Assert.Equal([StoreState.Stored, StoreState.Failed, StoreState.NotNamed], answer.Outcomes.Select(outcome => outcome.State));
        Assert.Equal(0x0111, answer.Outcomes[1].Reason);
        Assert.Equal(0xC000, Assert.Single(answer.OtherFailures).Reason);
    }

    [Fact]
    public async Task Store_OfNothingGood_IsA409ThatNamesReasons()
    {
        await _client.StoreAsync([Outgoing("1.4.3.1", Instances.Ct("1.4.1", "1.4.2", "1.4.3.1"))], [], default);
        var answer = (await _client.StoreAsync([Outgoing("1.4.3.1", Instances.Ct("1.4.1", "1.4.2", "1.4.3.1", seed: 9))], [], default)).Require();
        Assert.Equal((409, StoreState.Failed), (answer.Status, answer.Outcomes[0].State));
    }

    [Fact]
    public async Task Store_OfUnknownLength_IsTaken()
    {
        var file = Instances.Ct("1.5.1", "1.5.2", "1.5.3");
        var answer = (await _client.StoreAsync([Outgoing("1.5.3", file) with { Length = null }], [], default)).Require();
        Assert.True(answer.Outcomes[0].IsStored);
    }

    [Fact]
    public async Task Search_OfMoreThanAPage_GivesEachResultOnce()
    {
        await _client.StoreAsync([.. Enumerable.Range(1, 25).Select(i => Outgoing($"1.6.3.{i}", Instances.Ct("1.6.1", "1.6.2", $"1.6.3.{i}", i)))], [], default);
        var found = new List<string>();
        await foreach (var instance in _client.SearchAsync($"{new DicomPath("1.6.1")}/instances", [new("includefield", "00200013")]))
        {
            found.Add(instance.String(DicomTags.SOPInstanceUID));
        }
        Assert.Equal(Enumerable.Range(1, 25).Select(i => $"1.6.3.{i}").Order(), found.Order());
    }

    [Fact]
    public async Task Search_WithoutMatches_IsEmpty()
    {
        await foreach (var study in _client.SearchAsync("studies", [new("PatientID", "no such & patient")]))
        {
            Assert.Fail($"{study.Count} attributes of a study that is not there");
        }
    }

    [Fact]
    public async Task Metadata_Frames_AndRendered_AreGiven()
    {
        await _client.StoreAsync([Outgoing("1.7.3", Instances.Ct("1.7.1", "1.7.2", "1.7.3"))], [], default);
        var path = new DicomPath("1.7.1", "1.7.2", "1.7.3");
        var count = 0;
        await foreach (var metadata in _client.MetadataAsync(path))
        {
            count++;
            Assert.Equal("1.7.3", metadata.GetProperty("00080018").GetProperty("Value")[0].GetString());
        }
        Assert.Equal(1, count);
        await using (var frames = (await _client.FramesAsync(path, [1], "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*", default)).Require())
        {
            Assert.Equal(2 * 8 * 8, (await BytesAsync((await frames.ReadAsync(default))!)).Length);
            Assert.Null(await frames.ReadAsync(default));
        }
        await using var rendered = (await _client.RenderedAsync(path, "image/png", default)).Require();
        var picture = (await rendered.ReadAsync(default))!;
        Assert.Equal("image/png", picture.ContentType);
        Assert.NotEmpty(await BytesAsync(picture));
        Assert.Null(await rendered.ReadAsync(default));
    }

    [Fact]
    public async Task Retrieve_OfWhatIsNotThere_IsNotFound() =>
        Assert.Equal(WebFault.NotFound, (await _client.RetrieveAsync(new DicomPath("1.9.9"))).Error!.Fault);

    private static OutgoingInstance Outgoing(string sop, byte[] file) => new(sop, file.Length, _ => ValueTask.FromResult<Stream>(new MemoryStream(file)));

    private async Task<List<byte[]>> RetrieveAsync(DicomPath path)
    {
        await using var parts = (await _client.RetrieveAsync(path)).Require();
        var files = new List<byte[]>();
        while (await parts.ReadAsync(default) is { } part)
        {
            files.Add(await BytesAsync(part));
        }
        return files;
    }

    private static async Task<byte[]> BytesAsync(RetrievedPart part)
    {
        using var bytes = new MemoryStream();
        await part.Content.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}

/// <summary>One server for the class; each test has a study of its own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private ServerProcess? _server;

    internal DicomWebClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync();
        Client = new DicomWebClient(new DicomWebOptions { ServiceUrl = new Uri(_server.BaseUrl, "dicom-web"), SearchPage = 10 });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server!.DisposeAsync();
    }
}
