using System.Net;
using System.Xml.Linq;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>Status and body of a store answer (PS3.18 10.5.3).</summary>
public sealed class StowAnswerTests
{
    private static readonly XNamespace Native = "http://dicom.nema.org/PS3.19/models/NativeDICOM";

    [Fact]
    [Trait("dicomweb", "35")]
    [Trait("dicomweb", "38")]
    [Trait("dicomweb", "39")]
    public async Task Answer_AllStored_Is200WithReferencesAndNoFailures()
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.StowAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        Assert.Equal("application/dicom+json", response.Content.Headers.ContentType!.ToString());
        var answer = await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        Assert.Equal($"{server.DicomWeb}/studies/{Files.Study}", answer.Text(StowJson.RetrieveUrl));
        Assert.Equal(["1.1", "1.2"], answer.Items(StowJson.Referenced).Select(item => item.Text("00081155")));
        Assert.All(answer.Items(StowJson.Referenced), item => Assert.Equal("1.2.840.10008.5.1.4.1.1.2", item.Text("00081150")));
        Assert.Equal($"{server.DicomWeb}/{Files.InstanceUrl("1.1")}", answer.Items(StowJson.Referenced)[0].Text(StowJson.RetrieveUrl));
        Assert.False(answer.ContainsKey(StowJson.Failed));
        Assert.False(answer.ContainsKey(StowJson.Other));
    }

    [Fact]
    [Trait("dicomweb", "38")]
    public async Task Answer_SeveralStudies_HasNoRetrieveUrlOfAStudy()
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.StowAsync(Files.Ct("1.1"), Files.Ct("1.2", study: "1.2.9"));
        Assert.False((await WireServer.AnswerAsync(response, HttpStatusCode.OK)).ContainsKey(StowJson.RetrieveUrl));
    }

    [Fact]
    [Trait("dicomweb", "37")]
    public async Task Answer_XmlAccepted_IsTheNativeModel()
    {
        await using var server = await WireServer.BorrowAsync();
        var body = WireServer.Multipart([Files.Ct("1.1"), "garbage that is no DICOM"u8.ToArray()]);
        using var response = await server.PostAsync("studies", body, WireServer.StowType, "application/dicom+xml");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("application/dicom+xml", response.Content.Headers.ContentType!.ToString());
        var root = XDocument.Parse(await response.Content.ReadAsStringAsync()).Root!;
        Assert.Equal(Native + "NativeDicomModel", root.Name);
        var attributes = root.Descendants(Native + "DicomAttribute").ToLookup(a => (string)a.Attribute("tag")!);
        Assert.Equal("1.1", Assert.Single(attributes["00081155"]).Element(Native + "Value")!.Value);
        Assert.Equal("ReferencedSOPInstanceUID", (string?)Assert.Single(attributes["00081155"]).Attribute("keyword"));
        Assert.Equal("49152", Assert.Single(attributes["00081197"]).Element(Native + "Value")!.Value);
        Assert.Equal("SQ", (string?)Assert.Single(attributes["0008119A"]).Attribute("vr"));
    }

    [Theory]
    [Trait("dicomweb", "37")]
    [Trait("dicomweb", "48")]
    [InlineData("*/*", 200)]
    [InlineData("application/json", 200)]
    [InlineData("application/dicom+json, */*;q=0.1", 200)]
    [InlineData("application/dicom+xml;q=0, application/dicom+json", 200)]
    [InlineData("text/html", 406)]
    [InlineData("application/dicom+json;q=0", 406)]
    [InlineData("application/dicom+json;q=NaN", 400)]
    public async Task Answer_Accept_IsNegotiatedBeforeAnythingIsStored(string accept, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.PostAsync("studies", WireServer.Multipart([Files.Ct("1.1")]), WireServer.StowType, accept);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 ? 1 : 0, (await server.ObjectsAsync("*.tar")).Length);
    }

    [Fact]
    [Trait("dicomweb", "36")]
    [Trait("dicomweb", "41")]
    [Trait("dicomweb", "49")]
    [Trait("attacks", "4")]
    public async Task Answer_OneBadPartAmongGoodOnes_Is202AndTheGoodOnesAreThere()
    {
        await using var server = await WireServer.BorrowAsync();
        byte[][] good = [Files.Ct("1.1"), Files.Ct("1.2"), Files.Ct("1.3")];
        using var response = await server.StowAsync(good[0], Files.Pattern(5000, 1), good[1], good[2][..^40], good[2]);
        var answer = await WireServer.AnswerAsync(response, HttpStatusCode.Accepted);
        Assert.Equal(["1.1", "1.2", "1.3"], answer.Items(StowJson.Referenced).Select(item => item.Text("00081155")));
        Assert.Equal(0xC000, Assert.Single(answer.Items(StowJson.Other)).Reason());
        var cut = Assert.Single(answer.Items(StowJson.Failed));
        Assert.Equal(("1.3", 0xC000), (cut.Text("00081155"), cut.Reason()));
        for (var i = 0; i < good.Length; i++)
        {
            Assert.Equal(good[i], await server.BytesAsync(Files.InstanceUrl($"1.{i + 1}"), ("Accept", "application/dicom; transfer-syntax=*")));
        }
    }

    [Fact]
    [Trait("dicomweb", "36")]
    public async Task Answer_AllFailed_Is409AndNothingIsThere()
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.StowAsync(Files.Pattern(2000, 1), Files.Pattern(2000, 2));
        var answer = await WireServer.AnswerAsync(response, HttpStatusCode.Conflict);
        Assert.Equal(2, answer.Items(StowJson.Other).Count);
        Assert.False(answer.ContainsKey(StowJson.Referenced));
        Assert.False(answer.ContainsKey(StowJson.RetrieveUrl));
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Fact]
    [Trait("dicomweb", "40")]
    [Trait("dicomweb", "43")]
    [Trait("dicomweb", "54")]
    [Trait("attacks", "24")]
    public async Task Answer_BadValueOfANonRequiredAttribute_IsStoredWithAWarningThatNamesIt()
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.StowAsync(Files.Changed("1.1", data => data.Set(DicomTags.StudyDate, DicomVr.DA, "20260231")));
        var item = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Accepted)).Items(StowJson.Referenced));
        Assert.Equal(0xB007, item.Warning());
        var failed = Assert.Single(item!["00741048"]!["Value"]!.AsArray());
        Assert.Contains("StudyDate", failed.Text("00000902")!, StringComparison.Ordinal);
        Assert.DoesNotContain("20260231", item.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("20260231", (await server.MetadataAsync(Files.InstanceUrl("1.1")))[0].Text("00080020"));
    }

    public static TheoryData<string, int, Action<DicomDataSet>> Refusals() => new()
    {
        { "no study", 0x0120, data => data.Remove(DicomTags.StudyInstanceUID) },
        { "empty series", 0x0120, data => data.Set(DicomTags.SeriesInstanceUID, DicomVr.UI, "") },
        { "no SOP instance", 0x0120, data => data.Remove(DicomTags.SOPInstanceUID) },
        { "no SOP class, though the meta header has one", 0x0120, data => data.Remove(DicomTags.SOPClassUID) },
        { "SOP instance of 81 characters", 0x0117, data => data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, $"1.{new string('2', 79)}") },
        { "study not a UID", 0x0106, data => data.Set(DicomTags.StudyInstanceUID, DicomVr.UI, "1.2.x") },
        { "study of 65 characters", 0x0106, data => data.Set(DicomTags.StudyInstanceUID, DicomVr.UI, $"1.{new string('2', 63)}") },
        { "study of 1,000,000 characters", 0x0120, data => data.Set(new DicomElement(DicomTags.StudyInstanceUID, DicomVr.UN, new byte[1_000_000].Select(_ => (byte)'1').ToArray())) },
        { "SOP instance up the tree", 0x0117, data => data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, "../../etc/passwd") },
        { "SOP instance with backslashes", 0x0117, data => data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, "C:/x") },
        { "SOP instance encoded", 0x0117, data => data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, "%2e%2e%2f") },
        { "SOP instance of two paths", 0x0117, data => data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, "1.2/../3") },
        { "SOP instance ends in a dot", 0x0117, data => data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, "1.2.3.") },
        { "Rows UL", 0x0106, data => data.Set(new DicomElement(DicomTags.Rows, DicomVr.UL, new byte[] { 8, 0, 0, 0 })) },
        { "DICOMDIR", 0x0122, data => data.Set(DicomTags.SOPClassUID, DicomVr.UI, "1.2.840.10008.1.3.10") },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    [Trait("dicomweb", "42")]
    [Trait("dicomweb", "55")]
    [Trait("attacks", "14")]
    [Trait("attacks", "27")]
    [Trait("attacks", "29")]
    public async Task Instance_ThatIdentifiesNothing_FailsWithItsReason(string what, int reason, Action<DicomDataSet> change)
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.StowAsync(Files.Changed("1.1", change));
        var answer = await WireServer.AnswerAsync(response, HttpStatusCode.Conflict);
        var failure = Assert.Single(answer.Items(StowJson.Failed).Concat(answer.Items(StowJson.Other)));
        Assert.True(failure.Reason() == reason, $"{what}: {failure}");
        Assert.DoesNotContain("passwd", answer.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Theory]
    [Trait("dicomweb", "55")]
    [Trait("attacks", "26")]
    [InlineData("1.2.3\0")]
    [InlineData("1.2.3 ")]
    [InlineData("1.2.3\0\0\0")]
    public async Task Uid_Padded_IsTheSameInstance(string padded)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Changed(Files.Spec("1.2.3"), data => data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, padded)));
        Assert.Equal("1.2.3", (await server.MetadataAsync(Files.InstanceUrl("1.2.3")))[0].Text("00080018"));
        using var again = await server.StowAsync(Files.Ct("1.2.3", seed: 5));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Single(await server.SearchAsync("instances?SOPInstanceUID=1.2.3"));
    }

    [Fact]
    [Trait("dicomweb", "18")]
    public async Task Uid_ThatToolkitsGetWrong_CanBeStoredAndRetrieved()
    {
        await using var server = await WireServer.BorrowAsync();
        var longSop = $"1.{new string('2', 65)}";
        var spec = new InstanceSpec("1.02.003", "1.02.003.0", longSop);
        using var response = await server.StowAsync(Instances.File(spec));
        Assert.Equal(0xB007, Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Accepted)).Items(StowJson.Referenced)).Warning());
        var url = Files.InstanceUrl(longSop, spec.Series, spec.Study);
        Assert.Equal(Instances.File(spec), await server.BytesAsync(url, ("Accept", "application/dicom; transfer-syntax=*")));
        using var deleted = await server.SendAsync("DELETE", url);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "43")]
    public async Task SopClass_NamedNowhere_IsStoredWithAWarning()
    {
        await using var server = await WireServer.BorrowAsync();
        var data = Instances.DataSet(Files.Spec("1.1"));
        data.Remove(DicomTags.SOPClassUID);
        using var response = await server.StowAsync(DicomWriter.ToArray(new DicomDataSet(), data, TransferSyntax.ExplicitVrLittleEndian));
        Assert.Equal(0xB007, Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Accepted)).Items(StowJson.Referenced)).Warning());
        Assert.Single(await server.SearchAsync("instances"));
    }

    [Fact]
    [Trait("dicomweb", "45")]
    public async Task Study_OtherThanInThePath_FailsThatInstanceOnly()
    {
        await using var server = await WireServer.BorrowAsync();
        using var some = await server.StowAsync(Files.Study, [Files.Ct("1.1"), Files.Ct("1.2", study: "1.2.9")]);
        var answer = await WireServer.AnswerAsync(some, HttpStatusCode.Accepted);
        Assert.Equal(("1.2", 0xA901), (Assert.Single(answer.Items(StowJson.Failed)).Text("00081155"), answer.Items(StowJson.Failed)[0].Reason()));
        using var all = await server.StowAsync("1.2.3.4", [Files.Ct("1.3")]);
        Assert.Equal(HttpStatusCode.Conflict, all.StatusCode);
        using var bad = await server.StowAsync("1.2.x", [Files.Ct("1.3")]);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Single(await server.SearchAsync("instances"));
    }

    [Theory]
    [Trait("dicomweb", "46")]
    [InlineData("studies")]
    [InlineData($"studies/{Files.Study}")]
    public async Task Body_OneFileWithoutMultipart_IsStored(string path)
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.PostAsync(path, Files.Ct("1.1"), "application/dicom");
        await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        Assert.Equal(Files.Ct("1.1"), await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", "application/dicom; transfer-syntax=*")));
    }

    [Fact]
    [Trait("dicomweb", "56")]
    public async Task PatientId_MissingOrEmpty_IsStored()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(
            Files.Changed("1.1", data => data.Remove(DicomTags.PatientID)),
            Files.Changed(new InstanceSpec("1.2.9", "1.2.9.1", "1.2"), data => data.Set(DicomTags.PatientID, DicomVr.LO, "")));
        Assert.All(await server.SearchAsync("studies"), study => Assert.Null(study!["00100020"]!["Value"]));
    }

    [Fact]
    [Trait("dicomweb", "16")]
    public async Task TransferSyntax_OfThePartsType_YieldsToTheFiles()
    {
        await using var server = await WireServer.BorrowAsync();
        var body = WireServer.Multipart([Files.Ct("1.1")], partType: "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50");
        using var response = await server.PostAsync("studies", body, WireServer.StowType);
        await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        using var stored = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", "application/dicom; transfer-syntax=*"));
        Assert.Equal("application/dicom; transfer-syntax=1.2.840.10008.1.2.1", stored.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    [Trait("dicomweb", "38")]
    [Trait("attacks", "69")]
    public async Task RetrieveUrl_ForgedForwardedHost_IsNotBelieved()
    {
        await using var server = await WireServer.BorrowAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/dicom-web/studies") { Content = new ByteArrayContent(Files.Ct("1.1")) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/dicom");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var response = await server.Client.SendAsync(request);
        Assert.DoesNotContain("evil", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", (await server.MetadataAsync(Files.InstanceUrl("1.1"))).ToJsonString(), StringComparison.Ordinal);
    }
}
