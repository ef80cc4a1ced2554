using System.Net;
using System.Text.Json.Nodes;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Access;

/// <summary>Tokens of one patient (SMART): attacks.md 58.</summary>
[Trait("attacks", "58")]
public sealed class PatientTokenTests
{
    [Fact]
    public async Task Token_OfAPatient_SeesThatPatientsStudiesOnly()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await ShareTests.StoreAsync(server, issuer);
        var token = Of(issuer, "4711");

        Assert.Equal(new[] { "1.2.888", Files.Study }.Order(), (await StudiesAsync(server, token, "studies")).Order());
        Assert.Empty(await StudiesAsync(server, token, "studies?PatientID=other"));
        Assert.Empty(await StudiesAsync(server, token, "studies/1.2.999/series"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, token, "studies/1.2.888/metadata"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, token, "studies/1.2.999/metadata"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, token, "studies/1.2.999/series/1.2.999.1/instances/1.2.999.1.1/frames/1"));
    }

    [Fact]
    public async Task Token_WithIssuer_SeesThatIssuersPatientOnly()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await ShareTests.StoreFilesAsync(server, issuer, [.. new[] { "A", "B" }.Select((of, i) =>
            Files.Changed(new InstanceSpec($"1.2.{i}", $"1.2.{i}.1", $"1.2.{i}.1.1"), data => data.Set(Dicom.DicomTags.IssuerOfPatientID, Dicom.DicomVr.LO, of)))]);

        Assert.Equal(["1.2.1"], await StudiesAsync(server, Of(issuer, "B|4711"), "studies"));
        Assert.Equal(["1.2.0", "1.2.1"], (await StudiesAsync(server, Of(issuer, "4711"), "studies")).Order());
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, Of(issuer, "B|4711"), "studies/1.2.0/metadata"));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("4711*")]
    [InlineData("' OR 1=1 --")]
    public async Task PatientClaim_IsNoPattern(string patient)
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await ShareTests.StoreAsync(server, issuer);

        Assert.Empty(await StudiesAsync(server, Of(issuer, patient), "studies"));
    }

    private static string Of(TestIssuer issuer, string patient) => issuer.Token("patient/ImagingStudy.rs", token => token.Claims["patient"] = patient);

    private static async Task<List<string>> StudiesAsync(WireServer server, string token, string path)
    {
        using var answer = await server.GetAsync(path, ("Authorization", $"Bearer {token}"), ("Accept", "application/dicom+json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray().Select(row => row!["0020000D"]!["Value"]![0]!.GetValue<string>())];
    }

    private static async Task<HttpStatusCode> StatusAsync(WireServer server, string token, string path)
    {
        using var answer = await server.GetAsync(path, ("Authorization", $"Bearer {token}"), ("Accept", "*/*"));
        return answer.StatusCode;
    }
}
