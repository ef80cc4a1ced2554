using System.Net;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Delete;

public sealed class DeleteTests
{
    private const string AsStored = "application/dicom; transfer-syntax=*";

    [Theory]
    [Trait("dicomweb", "170")]
    [Trait("dicomweb", "171")]
    [InlineData($"studies/{Files.Study}", 0, 0, 1)]
    [InlineData($"studies/{Files.Study}/series/1.2.1", 1, 2, 3)]
    [InlineData($"studies/{Files.Study}/series/1.2.1/instances/1.1", 2, 3, 4)]
    public async Task Delete_TakesWhatIsNamedAndNothingElse(string path, int series, int instances, int all)
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(
            Files.Ct("1.1", series: "1.2.1"), Files.Ct("1.2", series: "1.2.1"), Files.Ct("1.3", series: "1.2.2"), Files.Ct("1.4", series: "1.2.2"),
            Files.Ct("2.1", study: "1.2.9", series: "1.2.9.1"));
        using var first = await server.SendAsync("DELETE", path);
        Assert.Equal((HttpStatusCode.NoContent, 0L), (first.StatusCode, first.Content.Headers.ContentLength ?? 0));
        using var second = await server.SendAsync("DELETE", path);
        Assert.Equal(HttpStatusCode.NotFound, second.StatusCode);
        using var gone = await server.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var metadata = await server.GetAsync($"{path}/metadata");
        Assert.Equal(HttpStatusCode.NotFound, metadata.StatusCode);
        Assert.Equal(all, (await server.SearchAsync("instances")).Count);
        var study = (await server.SearchAsync($"studies?StudyInstanceUID={Files.Study}")).SingleOrDefault();
        Assert.Equal(series == 0 ? null : $"{series} {instances}", study is null ? null : $"{study.Text("00201206")} {study.Text("00201208")}");
        Assert.Equal(Files.Ct("2.1", study: "1.2.9", series: "1.2.9.1"), await server.BytesAsync(Files.InstanceUrl("2.1", "1.2.9.1", "1.2.9"), ("Accept", AsStored)));
    }

    [Fact]
    [Trait("dicomweb", "170")]
    public async Task Delete_OfTheLastChild_TakesTheParentsAlong()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var deleted = await server.SendAsync("DELETE", Files.InstanceUrl("1.1"));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(await server.SearchAsync("studies"));
        Assert.Empty(await server.SearchAsync("series"));
        using var series = await server.SendAsync("DELETE", $"studies/{Files.Study}/series/{Files.Series}");
        Assert.Equal(HttpStatusCode.NotFound, series.StatusCode);
    }

    [Theory]
    [Trait("dicomweb", "170")]
    [Trait("dicomweb", "17")]
    [InlineData("studies/1.2.x", 400)]
    [InlineData("studies/1..2", 400)]
    [InlineData("studies/1.2.3", 404)]
    [InlineData("studies/1.2.3/series/..%2f..%2fetc", 400)]
    [InlineData("studies/1.2.3/series/1.2/instances/1.2;x", 400)]
    public async Task Delete_OfWhatIsNotThere_IsRefused(string path, int status)
    {
        await using var server = await WireServer.StartAsync();
        using var response = await server.SendAsync("DELETE", path);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    [Trait("dicomweb", "171")]
    [Trait("dicomweb", "116")]
    public async Task Instance_StoredAgainAfterItsDelete_IsThereAgainWithAnyContent()
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-delete-").FullName;
        try
        {
            await using (var server = await WireServer.StartAtAsync(folder, null))
            {
                for (var i = 0; i < 3; i++)
                {
                    await server.StoreAsync(Files.Ct("1.1", seed: i));
                    Assert.Equal(Files.Ct("1.1", seed: i), await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
                    using var deleted = await server.SendAsync("DELETE", $"studies/{Files.Study}");
                    Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
                }
                await server.StoreAsync(Files.Ct("1.1", seed: 1));
                // The decision is in the store before it is answered.
                Assert.NotEmpty(await server.ObjectsAsync("*.jsonl"));
            }
            await using var restarted = await WireServer.StartAtAsync(folder, null);
            Assert.Equal(Files.Ct("1.1", seed: 1), await restarted.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
            Assert.Single(await restarted.SearchAsync("instances"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [Trait("dicomweb", "171")]
    public async Task Delete_WhileItIsRead_LetsTheReaderFinish()
    {
        await using var server = await WireServer.StartAsync();
        var large = Files.Native(Files.Spec("1.1") with { Rows = 4096, Columns = 4096 }, Dicom.DicomTags.PixelData, Dicom.DicomVr.OW, 16, Files.Pattern(32 << 20, 1));
        await server.StoreAsync(large);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/dicom-web/{Files.InstanceUrl("1.1")}");
        request.Headers.TryAddWithoutValidation("Accept", AsStored);
        using var reading = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var deleted = await server.SendAsync("DELETE", Files.InstanceUrl("1.1"));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        var read = await reading.Content.ReadAsByteArrayAsync();
        Assert.True(large.AsSpan().SequenceEqual(read));
        using var gone = await server.GetAsync(Files.InstanceUrl("1.1"));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "171")]
    [Trait("dicomweb", "52")]
    public async Task Deletes_AtOnce_OneTakesItAndTheOthersFindNothing()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.SendAsync("DELETE", $"studies/{Files.Study}")));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.NotFound));
    }
}
