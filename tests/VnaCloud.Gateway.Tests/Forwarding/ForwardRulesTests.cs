using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Spool;
using VnaCloud.Gateway.Tests.Spool;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>Which objects go where.</summary>
public sealed class ForwardRulesTests
{
    [Theory]
    [InlineData("MODALITY", "archive")]
    [InlineData("MOD*", "archive")]
    [InlineData("*TY", "archive")]
    [InlineData("M*D*L?TY", "archive")]
    [InlineData("?ODALITY", "archive")]
    [InlineData("*", "archive")]
    [InlineData("MODALIT", "none")]
    [InlineData("modality", "none")]
    [InlineData("M*X", "none")]
    [InlineData("MODALITY?", "none")]
    public async Task CallingAe_IsMatchedByWildcards(string pattern, string expected) =>
        Assert.Equal(expected == "archive", (await RouteAsync(new RuleOptions { CallingAe = pattern, Lane = Lane.Stat })).Lane == Lane.Stat);

    [Fact]
    public async Task FirstRule_WhoseConditionsAllHold_Counts()
    {
        Assert.Equal(new ForwardRoute("research", Lane.Backload), await RouteAsync(
            new RuleOptions { Modality = "MR", Lane = Lane.Stat },
            new RuleOptions { Modality = "CT", CalledAe = "OTHER", Lane = Lane.Stat },
            new RuleOptions { Modality = "CT", Tag = "00081030", Value = "Test*", Destination = "research", Lane = Lane.Backload },
            new RuleOptions { Lane = Lane.Stat }));
        Assert.Equal(new ForwardRoute("archive", Lane.Normal), await RouteAsync(new RuleOptions { Tag = "00081010", Value = "*", Lane = Lane.Stat }));
    }

    [Fact]
    public async Task Object_AfterARestart_IsRoutedTheSame()
    {
        var rules = new ForwardRules([new RuleOptions { CallingAe = "MODALITY", Tag = "00081030", Value = "Test study", Lane = Lane.Stat }]);
        using var spool = new TestSpool(route: rules.Of);
        await Arrival.Ct("1.2.1", "1.2.3").StoreAsync(spool.Spool);
        Assert.Equal(Lane.Stat, spool.Queue.TryTake(out _)!.Lane);
        spool.Spool.Dispose();
        using var later = new TestSpool(spool.Folder, route: rules.Of);
        await later.Spool.LoadAsync(default);
        Assert.Equal(Lane.Stat, later.Queue.TryTake(out _)!.Lane);
    }

    private static async Task<ForwardRoute> RouteAsync(params RuleOptions[] rules)
    {
        var arrival = Arrival.Ct("1.2.1", "1.2.3");
        await using var reader = ObjectFacts.Open(new MemorySource((byte[])[.. ReceivedFileMeta.Encode(new StoreInstance(arrival.From.SopClassUid, arrival.From.SopInstanceUid), arrival.From.TransferSyntaxUid, arrival.From.CallingAe, arrival.From.CalledAe), .. arrival.DataSet]));
        await reader.ReadFileMetaAsync(default);
        await reader.ReadDataSetAsync(default);
        return new ForwardRules(rules).Of(reader);
    }
}
