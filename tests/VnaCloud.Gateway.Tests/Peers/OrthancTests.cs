using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Tests.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>Orthanc as a neighbour: it sends to the gateway, is moved to, asks, and fetches for itself.</summary>
public sealed class OrthancTests
{
    private const string Study = "1.2.826.0.4.1";
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    private const int Count = 12;

    [Fact]
    public async Task Orthanc_AsSource_QueryClient_AndDestination()
    {
        Assert.SkipUnless(OrthancServer.Exists, OrthancServer.Missing);
        using var orthanc = await OrthancServer.StartAsync();
        await using var site = await Site.StartAsync([.. Site.Remote(0, OrthancServer.AeTitle, orthanc.Port), .. Site.Remote(1, "WS1")]);
        await orthanc.AddModalityAsync("gateway", Site.AeTitle, site.Port);
        await orthanc.PostAsync("modalities/gateway/echo", new JsonObject());

        // It sends.
        var files = Enumerable.Range(1, Count).Select(i => Instances.File(new InstanceSpec(Study, Study + ".1", $"{Study}.1.{i}") { PatientName = "Müller^Jürgen", InstanceNumber = i })).ToList();
        var ids = new JsonArray();
        foreach (var file in files)
        {
            ids.Add(await orthanc.UploadAsync(file));
        }
        var stored = await orthanc.PostAsync("modalities/gateway/store", new JsonObject { ["Resources"] = ids });
        Assert.Equal((Count, 0), ((int)stored["InstancesCount"]!, (int)stored["FailedInstancesCount"]!));
        await site.UntilArchivedAsync(Count);
        await EmptyAsync(orthanc);

        // It asks, and fetches what it found by C-MOVE to itself.
        var query = new JsonObject { ["Level"] = "Study", ["Query"] = new JsonObject { ["PatientName"] = "M*", ["StudyInstanceUID"] = "", ["NumberOfStudyRelatedInstances"] = "" } };
        var found = (string)(await orthanc.PostAsync("modalities/gateway/query", query))["ID"]!;
        Assert.Single((await orthanc.GetAsync($"queries/{found}/answers")).AsArray());
        var answer = await orthanc.GetAsync($"queries/{found}/answers/0/content?simplify");
        Assert.Equal((Study, "Müller^Jürgen", $"{Count}"), ((string)answer["StudyInstanceUID"]!, (string)answer["PatientName"]!, (string)answer["NumberOfStudyRelatedInstances"]!));
        await orthanc.PostAsync($"queries/{found}/answers/0/retrieve", new JsonObject { ["TargetAet"] = OrthancServer.AeTitle, ["Synchronous"] = true });
        await RequireAsync(orthanc, files);
        await EmptyAsync(orthanc);

        // Somebody else sends a study to it.
        await using var workstation = await site.ConnectAsync("WS1", [StudyRootMove]);
        var identifier = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "STUDY").Set(DicomTags.StudyInstanceUID, DicomVr.UI, Study);
        var moves = await workstation.MoveAsync(StudyRootMove, OrthancServer.AeTitle, identifier).ToListAsync();
        Assert.True(moves[^1].Status.IsSuccess, $"{moves[^1].Status} {moves[^1].ErrorComment}");
        Assert.Equal((ushort)Count, moves[^1].SubOperations!.Completed);
        await RequireAsync(orthanc, files);
    }

    // At series and instance level, too, and one instance alone.
    [Theory]
    [InlineData("Series", "SeriesInstanceUID", 2, 6)]
    [InlineData("Instance", "SOPInstanceUID", 6, 1)]
    public async Task Orthanc_RetrievesBelowTheStudy(string level, string key, int matches, int instances)
    {
        Assert.SkipUnless(OrthancServer.Exists, OrthancServer.Missing);
        using var orthanc = await OrthancServer.StartAsync();
        await using var site = await Site.StartAsync(Site.Remote(0, OrthancServer.AeTitle, orthanc.Port));
        await orthanc.AddModalityAsync("gateway", Site.AeTitle, site.Port);
        await Files.StowAsync(site, Enumerable.Range(0, 12).Select(i => Instances.Ct(Study, $"{Study}.{1 + (i / 6)}", $"{Study}.{1 + (i / 6)}.{i}", i)));
        var keys = new JsonObject { ["StudyInstanceUID"] = Study, [key] = "" };
        if (level == "Instance")
        {
            keys["SeriesInstanceUID"] = $"{Study}.1";
        }
        var found = (string)(await orthanc.PostAsync("modalities/gateway/query", new JsonObject { ["Level"] = level, ["Query"] = keys }))["ID"]!;
        Assert.Equal(matches, (await orthanc.GetAsync($"queries/{found}/answers")).AsArray().Count);
        await orthanc.PostAsync($"queries/{found}/answers/0/retrieve", new JsonObject { ["TargetAet"] = OrthancServer.AeTitle, ["Synchronous"] = true });
        Assert.Equal(instances, (await orthanc.GetAsync("instances")).AsArray().Count);
    }

    // Orthanc encodes anew what it receives; what the data sets say is the same.
    private static async Task RequireAsync(OrthancServer orthanc, IReadOnlyList<byte[]> files)
    {
        var expected = await Task.WhenAll(files.Select(TextAsync));
        var received = await Task.WhenAll((await orthanc.FilesAsync()).Select(TextAsync));
        Assert.Equal(expected.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
    }

    private static async Task<string> TextAsync(byte[] file) => string.Join('\n', await Files.SaysAsync(file));

    private static async Task EmptyAsync(OrthancServer orthanc)
    {
        foreach (var patient in (await orthanc.GetAsync("patients")).AsArray())
        {
            using var deleted = await orthanc.Rest.DeleteAsync(new Uri($"patients/{patient}", UriKind.Relative));
            deleted.EnsureSuccessStatusCode();
        }
        Assert.Empty((await orthanc.GetAsync("instances")).AsArray());
    }
}
