using System.Net;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>The same instance again, at once, and what is kept of it.</summary>
public sealed class StowIdentityTests
{
    private const string AsStored = "application/dicom; transfer-syntax=*";

    [Fact]
    [Trait("dicomweb", "50")]
    [Trait("dicomweb", "65")]
    public async Task Instance_StoredAgain_Is200AndChangesNothing()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var before = await server.GetAsync($"studies/{Files.Study}/metadata");
        await server.StoreAsync(Files.Ct("1.1"));
        // Another meta header around the same data set is the same instance.
        var meta = new DicomDataSet().Set(DicomTags.SourceApplicationEntityTitle, DicomVr.AE, "OTHER");
        await server.StoreAsync(DicomWriter.ToArray(meta, Instances.DataSet(Files.Spec("1.1")), TransferSyntax.ExplicitVrLittleEndian));
        using var after = await server.GetAsync($"studies/{Files.Study}/metadata");
        Assert.Equal(before.Headers.ETag, after.Headers.ETag);
        Assert.Single(await server.SearchAsync("instances"));
    }

    [Fact]
    [Trait("dicomweb", "50")]
    public async Task Instance_WithOtherContent_Is409AndTheFirstStays()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var response = await server.StowAsync(Files.Ct("1.1", seed: 7));
        var failure = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Conflict)).Items(StowJson.Failed));
        Assert.Equal(0x0111, failure.Reason());
        Assert.Equal(Files.Ct("1.1"), await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
    }

    [Fact]
    [Trait("dicomweb", "50")]
    public async Task Request_WithOneUidTwice_StoresTheFirst()
    {
        await using var server = await WireServer.BorrowAsync();
        using var same = await server.StowAsync(Files.Ct("1.1"), Files.Ct("1.1"));
        Assert.Equal(2, (await WireServer.AnswerAsync(same, HttpStatusCode.OK)).Items(StowJson.Referenced).Count);
        using var other = await server.StowAsync(Files.Ct("1.2", seed: 1), Files.Ct("1.2", seed: 2), Files.Ct("1.3"));
        var answer = await WireServer.AnswerAsync(other, HttpStatusCode.Accepted);
        Assert.Equal(["1.2", "1.3"], answer.Items(StowJson.Referenced).Select(item => item.Text("00081155")));
        Assert.Equal(0x0111, Assert.Single(answer.Items(StowJson.Failed)).Reason());
        Assert.Equal(Files.Ct("1.2", seed: 1), await server.BytesAsync(Files.InstanceUrl("1.2"), ("Accept", AsStored)));
    }

    [Fact]
    [Trait("dicomweb", "50")]
    public async Task SopInstance_UnderAnotherSeries_IsStoredWithAWarning()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var response = await server.StowAsync(Files.Ct("1.1", series: "1.2.5"));
        Assert.Equal(0xB007, Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Accepted)).Items(StowJson.Referenced)).Warning());
        Assert.Equal(2, (await server.SearchAsync("instances")).Count);
    }

    [Fact]
    [Trait("dicomweb", "52")]
    public async Task Hundred_IdenticalAtOnce_AllSucceedAndOneIsThere()
    {
        await using var server = await WireServer.BorrowAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => server.StowAsync(Files.Ct("1.1"))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var study = Assert.Single(await server.SearchAsync("studies"));
        Assert.Equal(("1", "1"), (study.Text("00201206"), study.Text("00201208")));
    }

    [Fact]
    [Trait("dicomweb", "52")]
    public async Task Hundred_DifferentUnderOneUid_OneSucceedsAndItsBytesAreThere()
    {
        await using var server = await WireServer.BorrowAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => server.StowAsync(Files.Ct("1.1", seed: i))));
        var winner = Assert.Single(Enumerable.Range(0, 100), i => answers[i].StatusCode == HttpStatusCode.OK);
        Assert.Equal(99, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Equal(Files.Ct("1.1", seed: winner), await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
    }

    [Fact]
    [Trait("dicomweb", "53")]
    [Trait("dicomweb", "64")]
    public async Task Clients_IntoOneNewStudy_MakeOneStudyWithTheRightCounts()
    {
        await using var server = await WireServer.BorrowAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            await server.StoreAsync(Files.Ct($"1.{i}.1", series: $"1.2.{i % 4}"), Files.Ct($"1.{i}.2", series: $"1.2.{i % 4}"));
            // At once, and whole.
            Assert.Single(await server.SearchAsync($"instances?SOPInstanceUID=1.{i}.2"));
            Assert.Single(await server.MetadataAsync(Files.InstanceUrl($"1.{i}.1", $"1.2.{i % 4}")));
        }));
        var study = Assert.Single(await server.SearchAsync("studies"));
        Assert.Equal(("4", "80"), (study.Text("00201206"), study.Text("00201208")));
        Assert.All(await server.SearchAsync($"studies/{Files.Study}/series"), series => Assert.Equal("20", series.Text("00201209")));
        Assert.Equal(80, (await server.MetadataAsync($"studies/{Files.Study}")).Count);
    }

    public static TheoryData<string> Preambles() => ["MZ\x90\0PE\0\0 This program cannot be run", "\x7f" + "ELF\x02\x01", "\xcf\xfa\xed\xfe", "#!/bin/sh\nrm", "%PDF-1.7\n", "PK\x03\x04", "<html><script>alert(1)</script>", "II*\0\x08\0\0\0"];

    [Theory]
    [MemberData(nameof(Preambles))]
    [Trait("dicomweb", "51")]
    [Trait("attacks", "1")]
    [Trait("attacks", "2")]
    [Trait("attacks", "3")]
    public async Task Preamble_OfAProgram_IsStoredAsZeros(string preamble)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.WithPreamble(Files.Ct("1.1"), preamble));
        Assert.Equal(Files.Ct("1.1"), await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
    }

    [Fact]
    [Trait("attacks", "3")]
    public async Task Preamble_WherePolicyKeepsIt_IsStoredAsItCame()
    {
        await using var server = await WireServer.StartAsync("--Vna:Preamble", "Kept");
        var tiff = Files.WithPreamble(Files.Ct("1.1"), "II*\0\x08\0\0\0");
        await server.StoreAsync(tiff);
        Assert.Equal(tiff, await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
    }

    public static TheoryData<string, byte[]> Raw() => new()
    {
        { "no preamble", Files.Ct("1.1")[128..] },
        { "no meta header", Files.Ct("1.1")[(Files.Ct("1.1").AsSpan().IndexOf("\x08\0\x05\0CS"u8))..] },
        { "only a preamble", new byte[128] },
        { "preamble and prefix", [.. new byte[128], .. "DICM"u8] },
    };

    [Theory]
    [MemberData(nameof(Raw))]
    [Trait("dicomweb", "57")]
    public async Task DataSet_WithoutFileAround_IsNotUnderstood(string what, byte[] bytes)
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.StowAsync(bytes);
        var answer = await WireServer.AnswerAsync(response, HttpStatusCode.Conflict);
        Assert.True(Assert.Single(answer.Items(StowJson.Failed).Concat(answer.Items(StowJson.Other))).Reason() == 0xC000, $"{what}: {answer}");
    }

    [Theory]
    [Trait("dicomweb", "58")]
    [InlineData("1.2.826.0.1.3680043.1.1.1")]
    [InlineData("1.2.840.10008.1.2.4.201")]
    [InlineData("1.2.840.10008.1.2.4.100")]
    [InlineData("1.2.840.10008.1.2.4.107")]
    [InlineData("1.2.840.10008.1.2.4.110")]
    [InlineData("1.2.840.10008.1.2.1.98")]
    [InlineData("1.2.840.10008.1.2.5")]
    public async Task TransferSyntax_Any_IsStoredAndComesBack(string syntax)
    {
        await using var server = await WireServer.BorrowAsync();
        var file = Files.Encapsulated(Files.Spec("1.1"), syntax, [], [Files.Pattern(1000, 1)]);
        await server.StoreAsync(file);
        using var response = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored));
        Assert.Equal($"application/dicom; transfer-syntax={syntax}", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    [Trait("dicomweb", "44")]
    public async Task Storing_ChangesNoByteEvenWhereItWarns()
    {
        await using var server = await WireServer.BorrowAsync();
        var odd = Files.Changed("1.1", data => data
            .Set(new DicomElement(DicomTags.PatientID, DicomVr.LO, "12345"u8.ToArray()))
            .Set(new DicomElement(DicomTags.PatientName, DicomVr.PN, new byte[] { 0xC3, 0x28, (byte)'^', 0 }))
            .Set(new DicomElement(new DicomTag(0x0000_0002), DicomVr.UI, "1.2\0"u8.ToArray())));
        using var response = await server.StowAsync(odd);
        await WireServer.AnswerAsync(response, HttpStatusCode.Accepted);
        Assert.Equal(odd, await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", AsStored)));
        Assert.False((await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!.AsObject().ContainsKey("00000002"));
    }

    public static TheoryData<string, Action<DicomDataSet>> Geometries() => new()
    {
        { "65535 x 65535 x 2^31-1", data => data.Set(DicomTags.Rows, (ushort)65535).Set(DicomTags.Columns, (ushort)65535).Set(DicomTags.NumberOfFrames, DicomVr.IS, "2147483647") },
        { "Rows of two values", data => data.Set(DicomTags.Rows, 8, 8) },
        { "frames 9999999999", data => data.Set(DicomTags.NumberOfFrames, DicomVr.IS, "9999999999") },
        { "frames -1", data => data.Set(DicomTags.NumberOfFrames, DicomVr.IS, "-1") },
        { "frames 1e9", data => data.Set(DicomTags.NumberOfFrames, DicomVr.IS, "1e9") },
        { "frames 0", data => data.Set(DicomTags.NumberOfFrames, DicomVr.IS, "0") },
        { "no columns", data => data.Set(DicomTags.Columns, (ushort)0) },
        { "17 bits", data => data.Set(DicomTags.BitsAllocated, (ushort)17) },
    };

    [Theory]
    [MemberData(nameof(Geometries))]
    [Trait("attacks", "13")]
    [Trait("attacks", "14")]
    [Trait("attacks", "15")]
    public async Task Geometry_ThatCannotBe_IsStoredWithAWarningAndHasNoFrames(string what, Action<DicomDataSet> change)
    {
        await using var server = await WireServer.BorrowAsync();
        using var response = await server.StowAsync(Files.Changed("1.1", change));
        var item = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Accepted)).Items(StowJson.Referenced));
        Assert.Equal(0xB007, item.Warning());
        foreach (var path in new[] { "/frames/1", "/frames/2", "/pixeldata" })
        {
            using var frames = await server.GetAsync(Files.InstanceUrl("1.1") + path);
            Assert.True((int)frames.StatusCode is >= 400 and < 500, $"{what} {path}: {frames.StatusCode}");
        }
        Assert.Single(await server.MetadataAsync(Files.InstanceUrl("1.1")));
        Assert.Single(await server.SearchAsync("instances?includefield=all"));
    }
}
