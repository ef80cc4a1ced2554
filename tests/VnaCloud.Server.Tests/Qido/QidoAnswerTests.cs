using System.Net;
using System.Text.Json.Nodes;

namespace VnaCloud.Server.Tests.Qido;

/// <summary>The answers themselves: media types, statuses, pages.</summary>
public sealed class QidoAnswerTests
{
    [Theory, Trait("dicomweb", "1"), Trait("dicomweb", "5")]
    [InlineData("application/dicom+json", HttpStatusCode.OK)]
    [InlineData("application/json", HttpStatusCode.OK)]
    [InlineData("*/*", HttpStatusCode.OK)]
    [InlineData("multipart/related; type=\"application/dicom+xml\"", HttpStatusCode.NotAcceptable)]
    [InlineData("text/html", HttpStatusCode.NotAcceptable)]
    [InlineData("application/dicom+json;q=2", HttpStatusCode.BadRequest)]
    public async Task Accept_OfAnyKind_IsJsonOrAProblem(string accept, HttpStatusCode status)
    {
        await using var server = await QidoServer.BorrowAsync();

        var response = await server.SendAsync("studies", headers: ("Accept", accept));

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK ? "application/dicom+json" : "application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory, Trait("dicomweb", "90")]
    [InlineData("200", HttpStatusCode.OK, "[]")]
    [InlineData("204", HttpStatusCode.NoContent, "")]
    public async Task Result_Empty_IsAsConfigured(string option, HttpStatusCode status, string body)
    {
        await using var server = await QidoServer.StartAsync("{}", "--Vna:Qido:EmptyResult", option);

        var response = await server.SendAsync("studies?PatientID=nobody");

        Assert.Equal((status, body), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("0", Assert.Single(response.Headers.GetValues("X-Total-Count")));
    }

    [Theory, Trait("dicomweb", "21"), Trait("dicomweb", "79"), Trait("dicomweb", "100")]
    [InlineData("studies?limit=abc", "limit")]
    [InlineData("studies?StudyDate=20240230", "StudyDate")]
    [InlineData("studies?NoSuchAttribute=1", "NoSuchAttribute")]
    [InlineData("studies?cursor=1.%00%FFnonsense", "cursor")]
    [InlineData("studies/1.x/series", "path")]
    public async Task Request_ThatIsWrong_IsAProblemThatSaysWhy(string path, string word)
    {
        await using var server = await QidoServer.BorrowAsync();

        var response = await server.SendAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(word, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact, Trait("dicomweb", "26")]
    public async Task Head_HasTheHeadersOfGet()
    {
        await using var server = await QidoServer.BorrowAsync();
        await server.StoreAsync(Study(1));

        var response = await server.SendAsync("studies", "HEAD");

        Assert.Equal((HttpStatusCode.OK, "application/dicom+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("X-Total-Count")));
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Fact, Trait("dicomweb", "91"), Trait("dicomweb", "92"), Trait("dicomweb", "95"), Trait("dicomweb", "96")]
    public async Task Pages_ByOffset_ShareOneOrder()
    {
        await using var server = await QidoServer.BorrowAsync();
        await server.StoreAsync([.. Enumerable.Range(1, 7).Select(Study)]);

        var all = await server.ValuesAsync("studies", "0020000D");
        var pages = new List<string>();
        foreach (var offset in new[] { 0, 3, 6 })
        {
            pages.Add(await server.ValuesAsync($"studies?limit=3&offset={offset}", "0020000D"));
        }
        var first = await server.SendAsync("studies?limit=3");

        Assert.Equal("1.7 1.6 1.5 1.4 1.3 1.2 1.1", all);
        Assert.Equal(all, string.Join(' ', pages));
        Assert.Matches("^299 127.0.0.1:\\d+: There are 4 additional results that can be requested$", Assert.Single(first.Headers.GetValues("Warning")));
        Assert.Empty(await server.SearchAsync("studies?offset=100"));
        Assert.Empty(await server.SearchAsync("studies?limit=0"));
    }

    [Fact, Trait("dicomweb", "97")]
    public async Task Pages_ByLink_NeitherLoseNorRepeatWhileOthersStore()
    {
        await using var server = await QidoServer.BorrowAsync();
        await server.StoreAsync([.. Enumerable.Range(1, 20).Select(Study)]);
        var seen = new List<string>();
        var next = "studies?limit=3&PatientName=P*";
        for (var page = 0; next is not null; page++)
        {
            var response = await server.SendAsync(next);
            seen.AddRange(JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsArray().Select(result => result!["0020000D"]!["Value"]![0]!.ToString()));
            next = response.Headers.TryGetValues("Link", out var links) ? new Uri(links.Single().Split('<', '>')[1]).PathAndQuery : null;
            // Some before the page that was just read, some behind all that there are.
            var late = Study(100 + page);
            await server.StoreAsync(page % 2 == 0 ? late : late with { OfStudy = late.OfStudy with { StudyDate = "19990101" } });
        }

        Assert.Equal(Enumerable.Range(1, 20).Reverse().Select(i => $"1.{i}"), seen.Where(study => study.Length < 5));
        Assert.Equal(seen.Distinct(), seen);
    }

    [Fact, Trait("dicomweb", "102")]
    public async Task Results_MoreThanAPageOfTheIndex_ComeAllAtOnce()
    {
        await using var server = await QidoServer.BorrowAsync();
        await server.StoreAsync([.. Enumerable.Range(1, 1234).Select(i => new StoredInstance("1.1", "1.1.1", $"1.1.1.{i}") { InstanceNumber = $"{i}" })]);

        var results = await server.SearchAsync("studies/1.1/instances?limit=1200");
        var response = await server.SendAsync("instances?limit=1200");

        Assert.Equal(1200, results.Select(result => result["00080018"]!["Value"]![0]!.ToString()).Distinct().Count());
        Assert.Contains("There are 34 additional results", Assert.Single(response.Headers.GetValues("Warning")), StringComparison.Ordinal);
        Assert.Contains("offset=1200>", Assert.Single(response.Headers.GetValues("Link")), StringComparison.Ordinal);
        Assert.Equal(34, (await server.SearchAsync("instances?limit=1200&offset=1200")).Length);
    }

    [Fact, Trait("dicomweb", "94")]
    public async Task Limit_AboveTheMaximum_IsCut()
    {
        await using var server = await QidoServer.StartAsync("{}", "--Vna:Limits:QidoMaxResults", "2", "--Vna:Limits:QidoDefaultLimit", "2");
        await server.StoreAsync([.. Enumerable.Range(1, 3).Select(Study)]);

        Assert.Equal(2, (await server.SearchAsync("studies?limit=101")).Length);
        Assert.Contains("There are 1 additional", Assert.Single((await server.SendAsync("studies?limit=101")).Headers.GetValues("Warning")), StringComparison.Ordinal);
    }

    [Fact, Trait("dicomweb", "74"), Trait("dicomweb", "75")]
    public async Task IncludeField_OutsideTheIndex_ComesFromStoredMetadata()
    {
        await using var server = await QidoServer.StartAsync("""{"00080070":{"vr":"LO","Value":["ACME"]},"00101010":{"vr":"AS","Value":["040Y"]}}""");
        await server.StoreAsync(Study(1));

        var study = Assert.Single(await server.SearchAsync("studies?includefield=PatientAge&includefield=Manufacturer"));
        var series = Assert.Single(await server.SearchAsync("studies/1.1/series?includefield=PatientAge,Manufacturer"));

        Assert.Equal("040Y", study["00101010"]!["Value"]![0]!.ToString());
        Assert.Null(study["00080070"]);
        Assert.Equal("ACME", series["00080070"]!["Value"]![0]!.ToString());
    }

    private static StoredInstance Study(int number) => new($"1.{number}", $"1.{number}.1", $"1.{number}.1.1")
    {
        OfStudy = new() { StudyDate = $"2024{number / 28 + 1:D2}{number % 28 + 1:D2}", PatientName = $"P^{number}" },
    };
}
