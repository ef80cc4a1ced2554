using VnaCloud.Gateway.Tests.Spool;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>What must have arrived, and how often.</summary>
internal static class Arrived
{
    public static void RequireOnce(ScriptedArchive archive, IReadOnlyList<string> sops, int studies = 1)
    {
        Assert.Equal(sops.Order(), archive.Stored.Keys.Order());
        Assert.All(archive.Stored, pair => Assert.Equal(Expected(pair.Key, studies), Assert.Single(pair.Value)));
    }

    /// <summary>The data set that <see cref="TestForwarding.ReceiveAsync"/> received.</summary>
    public static byte[] Expected(string sop, int studies = 1)
    {
        var number = int.Parse(sop.Split('.')[^1], null);
        return Arrival.Ct($"1.2.{number % studies}", sop, number).DataSet;
    }
}
