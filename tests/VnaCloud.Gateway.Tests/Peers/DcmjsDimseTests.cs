using System.Text.Json.Nodes;
using VnaCloud.Gateway.Tests.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>The npm package dcmjs-dimse: C-ECHO, C-STORE, C-FIND, C-GET, and C-MOVE to an SCP of its own.</summary>
public sealed class DcmjsDimseTests
{
    private const string Study = "1.2.826.0.5.1";
    private const int Count = 6;

    [Fact]
    public async Task Dcmjs_InBothRoles_StoresFindsGetsAndIsMovedTo()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var scripts = Path.Combine(AppContext.BaseDirectory, "Peers", "dcmjs");
        var missing = await NodeScripts.InstallAsync(scripts, "dcmjs-dimse", cancellation);
        Assert.SkipWhen(missing is not null, missing ?? "");
        var own = FreePorts.Take();
        await using var site = await Site.StartAsync(Site.Remote(0, "DCMJS", own));
        using var folder = new Folder();
        for (var i = 1; i <= Count; i++)
        {
            folder.File($"{i}.dcm", Instances.Ct(Study, Study + ".1", $"{Study}.1.{i}", i));
        }
        var (exit, output, errors) = await NodeScripts.RunAsync("node", scripts, cancellation, "peer.mjs", $"{site.Port}", $"{own}", folder.Path, Study, "Doe*");
        Assert.True(exit == 0, errors);
        var result = JsonNode.Parse(output)!;
        Assert.Equal(0, (int)result["echo"]!);
        Assert.Equal(Enumerable.Repeat(0, Count), result["store"]!.AsArray().Select(status => (int)status!));
        var find = result["find"]!.AsArray();
        Assert.Equal([0, 0, 0], find.Select(found => (int)found!["status"]!));
        Assert.All(find, found => Assert.Equal(Study, (string)Assert.Single(found!["answers"]!.AsArray())!["StudyInstanceUID"]!));
        Assert.Equal((Study + ".1", "CT"), ((string)find[1]!["answers"]![0]!["SeriesInstanceUID"]!, (string)find[1]!["answers"]![0]!["Modality"]!));
        foreach (var operation in (string[])["get", "move"])
        {
            Assert.Equal((0, Count), ((int)result[operation]!["status"]!, (int)result[operation]!["completed"]!));
            Assert.Equal(result["sent"]!.ToJsonString(), result[operation]!["instances"]!.ToJsonString());
        }
        Assert.Equal(Count, result["sent"]!.AsArray().Count);
        Assert.Equal(0xA801, (int)result["astray"]!);
    }
}
