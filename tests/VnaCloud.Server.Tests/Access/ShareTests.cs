using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Access;

/// <summary>Share links: what they open, and that they open nothing else.</summary>
public sealed class ShareTests
{
    private const string Other = "1.2.999";
    private const string Prior = "1.2.888";

    [Fact]
    public async Task Link_OpensItsStudyAndNothingElse()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var link = await ShareAsync(server, issuer, new { study = Files.Study, download = true });
        var guest = await OpenAsync(server, link.Token);

        Assert.Equal([Files.Study], await StudiesAsync(server, guest, "studies"));
        Assert.Equal([Files.Study], await StudiesAsync(server, guest, "instances?limit=100"));
        Assert.Equal([Files.Study], await StudiesAsync(server, guest, "series?PatientID=4711"));
        Assert.Empty(await StudiesAsync(server, guest, $"studies?StudyInstanceUID={Other}"));
        Assert.Empty(await StudiesAsync(server, guest, $"studies/{Other}/series"));
        foreach (var path in Paths(Files.Study, Files.Series, "1.1"))
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, path));
        }
        foreach (var study in new[] { Other, Prior })
        {
            foreach (var path in Paths(study, $"{study}.1", $"{study}.1.1"))
            {
                Assert.Equal((path, HttpStatusCode.NotFound), (path, await StatusAsync(server, guest, path)));
            }
        }
        using var there = await GetAsync(server, guest, $"studies/{Other}/metadata");
        using var never = await GetAsync(server, guest, "studies/1.2.77777/metadata");
        Assert.Equal(Body(await never.Content.ReadAsStringAsync()), Body(await there.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Link_OfThePatient_OpensPriorsAndWhatComesLater_NoOthers()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var guest = await OpenAsync(server, (await ShareAsync(server, issuer, new { study = Files.Study, wholePatient = true, download = true })).Token);

        Assert.Equal([Files.Study, Prior], (await StudiesAsync(server, guest, "studies")).Order());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, $"studies/{Prior}/metadata"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, guest, $"studies/{Other}/metadata"));
        await StoreFilesAsync(server, issuer, Instances.File(new InstanceSpec("1.2.777", "1.2.777.1", "1.2.777.1.1") { PatientId = "4711" }));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, "studies/1.2.777/metadata"));
    }

    [Fact]
    public async Task Guest_WritesNothing()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var guest = await OpenAsync(server, (await ShareAsync(server, issuer, new { study = Files.Study, download = true })).Token);

        foreach (var (method, path) in new[]
        {
            ("POST", "dicom-web/studies"), ("POST", $"dicom-web/studies/{Files.Study}"), ("DELETE", $"dicom-web/studies/{Files.Study}"), ("GET", "changes"), ("POST", "shares"),
            ("GET", "shares"), ("GET", "audit"), ("GET", ""), ("POST", "dicom-web/commitment-requests/1.2.3"),
        })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), server.Server.Address + path);
            request.Headers.Add("Cookie", guest);
            using var answer = await server.Client.SendAsync(request);
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, answer.StatusCode));
        }
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, $"studies/{Files.Study}/metadata"));
    }

    [Fact]
    public async Task Link_WithoutDownload_ShowsImagesAndGivesNoneAway()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var report = new InstanceSpec(Files.Study, "1.2.9", "9.1") { SopClass = "1.2.840.10008.5.1.4.1.1.88.11", Modality = "SR" };
        await StoreFilesAsync(server, issuer, Files.Changed(report, data =>
        {
            foreach (var tag in new[] { DicomTags.PixelData, DicomTags.Rows, DicomTags.Columns, DicomTags.BitsAllocated })
            {
                data.Remove(tag);
            }
        }));
        var guest = await OpenAsync(server, (await ShareAsync(server, issuer, new { study = Files.Study })).Token);

        var image = $"studies/{Files.Study}/series/{Files.Series}/instances/1.1";
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, $"{image}/frames/1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, $"studies/{Files.Study}/metadata"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, $"studies/{Files.Study}/series/1.2.9/instances/9.1"));
        foreach (var path in new[] { image, $"studies/{Files.Study}", $"studies/{Files.Study}/series/{Files.Series}", $"wado?requestType=WADO&studyUID={Files.Study}&seriesUID={Files.Series}&objectUID=1.1&contentType=application/dicom" })
        {
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, await StatusAsync(server, guest, path)));
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, await StatusAsync(server, guest, path, "application/zip, application/dicom, */*")));
        }
    }

    [Fact]
    public async Task Link_Expired_OpensNothing_NorDoesWhoOpenedItBefore()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var link = await ShareAsync(server, issuer, new { study = Files.Study, hours = 0.01 / 9 * 10 });
        var guest = await OpenAsync(server, link.Token);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, "studies"));

        await WaitForAsync(link.ExpiresAt);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, guest, "studies"));
        Assert.Equal(HttpStatusCode.NotFound, (await TryOpenAsync(server, link.Token)).Status);
        Assert.Equal("expired", (await ListAsync(server, issuer, "share"))[0]!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Link_Revoked_OpensNothing_NorDoesWhoOpenedItBefore()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var link = await ShareAsync(server, issuer, new { study = Files.Study, note = "for Dr. Müller" });
        var guest = await OpenAsync(server, link.Token);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, guest, "studies"));

        Assert.Equal(HttpStatusCode.NotFound, await RevokeAsync(server, issuer.Token("share", subject: "bob"), link.Id));
        Assert.Equal(HttpStatusCode.NoContent, await RevokeAsync(server, issuer.Token("share"), link.Id));

        await EventuallyAsync(async () => await StatusAsync(server, guest, "studies") == HttpStatusCode.Unauthorized); // another server may not know for two seconds
        Assert.Equal(HttpStatusCode.NotFound, (await TryOpenAsync(server, link.Token)).Status);
        var listed = (await ListAsync(server, issuer, "share"))[0]!;
        Assert.Equal(("revoked", "alice", "for Dr. Müller", null), (listed["state"]!.GetValue<string>(), listed["revokedBy"]!.GetValue<string>(), listed["note"]!.GetValue<string>(), listed["url"]));
    }

    [Fact]
    public async Task Links_AreListedToWhoMadeThem_AndToAdministrators()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var link = await ShareAsync(server, issuer, new { study = Files.Study });

        Assert.Equal(link.Id, Assert.Single(await ListAsync(server, issuer, "share"))!["id"]!.GetValue<string>());
        Assert.Empty(await ListAsync(server, issuer, "share", "bob"));
        Assert.Single(await ListAsync(server, issuer, "share admin", "carol"));
        Assert.Equal(HttpStatusCode.NoContent, await RevokeAsync(server, issuer.Token("share admin", subject: "carol"), link.Id));
    }

    [Fact]
    public async Task Passphrase_Wrong_IsThrottledForThatLinkAlone()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var link = await ShareAsync(server, issuer, new { study = Files.Study, passphrase = "für die Ärztin" });
        var other = await ShareAsync(server, issuer, new { study = Files.Study, passphrase = "another one" });

        var asked = await TryOpenAsync(server, link.Token);
        Assert.Equal((HttpStatusCode.Unauthorized, true, null), (asked.Status, asked.Body["needsPassphrase"]!.GetValue<bool>(), asked.Cookie));
        Assert.Equal(HttpStatusCode.OK, (await TryOpenAsync(server, link.Token, "für die Ärztin")).Status);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((i, HttpStatusCode.Unauthorized), (i, (await TryOpenAsync(server, link.Token, $"guess {i}")).Status));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryOpenAsync(server, link.Token, "für die Ärztin")).Status);
        Assert.Equal(HttpStatusCode.OK, (await TryOpenAsync(server, other.Token, "another one")).Status);
    }

    [Fact]
    public async Task Tokens_GuessedFromOneAddress_AreThrottled()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync([.. issuer.Settings, "--Vna:Auth:TriesPerMinute=10"]);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            answers.Add((await TryOpenAsync(server, $"guess{i}")).Status);
        }

        Assert.Equal(10 * server.Server.Count, answers.Count(status => status == HttpStatusCode.NotFound));
        Assert.Equal(25 - 10 * server.Server.Count, answers.Count(status => status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Token_IsInNoLogAndNoRequestLine()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);
        var link = await ShareAsync(server, issuer, new { study = Files.Study });
        var opened = await TryOpenAsync(server, link.Token);

        Assert.StartsWith($"{server.Server.Address}shared/#", link.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(link.Token, opened.Body["viewer"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(link.Token, WebUtility.UrlDecode(opened.Cookie!), StringComparison.Ordinal);
        Assert.Contains("httponly", opened.SetCookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", opened.SetCookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(server.Server.Log.Lines, line => line.Contains(link.Token, StringComparison.Ordinal));
        using var page = await server.Server.SendAsync(HttpMethod.Get, "shared/");
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
    }

    [Theory]
    [InlineData("""{"study":"1.2.x"}""", 400, "study must be a Study Instance UID.")]
    [InlineData("""{}""", 400, "study must be a Study Instance UID.")]
    [InlineData("""{"study":"1.2.3.4.5.6"}""", 404, "There is no such study.")]
    [InlineData("""{"study":"STUDY","hours":0}""", 400, "hours must be a number up to")]
    [InlineData("""{"study":"STUDY","hours":1e9}""", 400, "hours must be a number up to")]
    [InlineData("""{"study":"STUDY","passphrase":"short"}""", 400, "passphrase must have 6 characters or more")]
    [InlineData("""{"study":"STUDY","days":3}""", 400, "The body is not what is asked for here")]
    [InlineData("""{"study":"STUDY""", 400, "The body is not what is asked for here")]
    [InlineData("null", 400, "The body is null.")]
    public async Task Link_ThatCannotBeMade_SaysWhy(string body, int status, string why)
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await StoreAsync(server, issuer);

        var (answered, text) = await PostAsync(server, issuer.Token("share"), body.Replace("STUDY", Files.Study, StringComparison.Ordinal));

        Assert.Equal(status, (int)answered);
        Assert.Contains(why, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_WhereNobodySignsIn_IsRefused()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"));

        var (status, text) = await PostAsync(server, null, $$"""{"study":"{{Files.Study}}"}""");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("set Vna:Auth:Mode", text, StringComparison.Ordinal);
    }

    /// <summary>Two studies of one patient, and one of another.</summary>
    internal static Task StoreAsync(WireServer server, TestIssuer issuer) => StoreFilesAsync(
        server, issuer, Files.Ct("1.1"), Files.Ct("1.2"),
        Instances.File(new InstanceSpec(Prior, $"{Prior}.1", $"{Prior}.1.1") { PatientId = "4711" }),
        Instances.File(new InstanceSpec(Other, $"{Other}.1", $"{Other}.1.1") { PatientId = "other" }));

    internal static async Task StoreFilesAsync(WireServer server, TestIssuer issuer, params IReadOnlyList<byte[]> files)
    {
        foreach (var file in files)
        {
            Assert.Equal(HttpStatusCode.OK, await server.StoreAsAsync(issuer.Token("write"), file));
        }
    }

    internal static async Task<Link> ShareAsync(WireServer server, TestIssuer issuer, object request)
    {
        var (status, text) = await PostAsync(server, issuer.Token("share read"), System.Text.Json.JsonSerializer.Serialize(request));
        Assert.True(status == HttpStatusCode.Created, text);
        var link = JsonNode.Parse(text)!;
        var url = link["url"]!.GetValue<string>();
        return new Link(link["id"]!.GetValue<string>(), url, url[(url.IndexOf('#', StringComparison.Ordinal) + 1)..], link["expiresAt"]!.GetValue<DateTimeOffset>());
    }

    /// <summary>The cookie of somebody who opened the link.</summary>
    internal static async Task<string> OpenAsync(WireServer server, string token, string? passphrase = null)
    {
        var opened = await TryOpenAsync(server, token, passphrase);
        Assert.Equal(HttpStatusCode.OK, opened.Status);
        return opened.Cookie!;
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body, string? Cookie, string SetCookie)> TryOpenAsync(WireServer server, string token, string? passphrase = null)
    {
        using var answer = await server.Client.PostAsJsonAsync($"{server.Server.Address}shared/open", new { token, passphrase });
        var set = answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single(cookie => cookie.StartsWith("vna-share=", StringComparison.Ordinal)) : "";
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!, set.Length > 0 ? set.Split(';')[0] : null, set);
    }

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(WireServer server, string? token, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.Server.Address}shares") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var answer = await server.Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonArray> ListAsync(WireServer server, TestIssuer issuer, string scope, string who = "alice")
    {
        using var answer = await server.Server.SendAsync(HttpMethod.Get, "shares", ("Authorization", $"Bearer {issuer.Token(scope, subject: who)}"));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray();
    }

    private static async Task<HttpStatusCode> RevokeAsync(WireServer server, string token, string id)
    {
        using var answer = await server.Server.SendAsync(HttpMethod.Delete, $"shares/{id}", ("Authorization", $"Bearer {token}"));
        return answer.StatusCode;
    }

    private static IEnumerable<string> Paths(string study, string series, string instance) =>
    [
        $"studies/{study}", $"studies/{study}/series/{series}", $"studies/{study}/series/{series}/instances/{instance}", $"studies/{study}/metadata",
        $"studies/{study}/series/{series}/metadata", $"studies/{study}/series/{series}/instances/{instance}/metadata", $"studies/{study}/series/{series}/instances/{instance}/frames/1",
        $"studies/{study}/series/{series}/instances/{instance}/pixeldata", $"wado?requestType=WADO&studyUID={study}&seriesUID={series}&objectUID={instance}&contentType=application/dicom",
    ];

    private static Task<HttpResponseMessage> GetAsync(WireServer server, string cookie, string path, string accept = "*/*") => server.GetAsync(path, ("Cookie", cookie), ("Accept", accept));

    private static async Task<HttpStatusCode> StatusAsync(WireServer server, string cookie, string path, string accept = "*/*")
    {
        using var answer = await GetAsync(server, cookie, path, accept);
        return answer.StatusCode;
    }

    private static async Task<List<string>> StudiesAsync(WireServer server, string cookie, string path)
    {
        using var answer = await GetAsync(server, cookie, path, "application/dicom+json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray().Select(row => row!["0020000D"]!["Value"]![0]!.GetValue<string>()).Distinct()];
    }

    // All but the trace id.
    private static string Body(string problem)
    {
        var body = JsonNode.Parse(problem)!.AsObject();
        body.Remove("traceId");
        return body.ToJsonString();
    }

    private static async Task WaitForAsync(DateTimeOffset moment)
    {
        while (TimeProvider.System.GetUtcNow() <= moment)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; !await holds(); i++)
        {
            Assert.InRange(i, 0, 100);
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    internal sealed record Link(string Id, string Url, string Token, DateTimeOffset ExpiresAt);
}
