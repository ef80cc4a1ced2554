using System.Globalization;
using System.Net;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>DCMTK's storescu as one more modality; what it says about each response counts.</summary>
internal static class DcmtkStore
{
    private const int Number = 90;

    /// <summary>Files in a folder; none where DCMTK is not installed.</summary>
    public static async Task<IReadOnlyDictionary<string, SentObject>> MakeAsync(SentObjects sent, Random random, int round, int count, Folder folder)
    {
        var files = new Dictionary<string, SentObject>();
        for (var i = 0; Dcmtk.Exists && i < count; i++)
        {
            var (one, file) = await sent.MakeAsync(random, round, Number, i);
            files.Add(folder.File(string.Create(CultureInfo.InvariantCulture, $"{i}.dcm"), file), one);
        }
        return files;
    }

    public static async Task RunAsync(SentObjects sent, IPEndPoint gateway, IReadOnlyDictionary<string, SentObject> files)
    {
        if (files.Count == 0)
        {
            return;
        }
        var (_, text) = await Dcmtk.RunAsync("storescu",
            ["-v", "-xe", "-aec", "VNACLOUD", "-aet", "DCMTK", gateway.Address.ToString(), gateway.Port.ToString(CultureInfo.InvariantCulture), .. files.Keys]);
        SentObject? current = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("I: Sending file: ", StringComparison.Ordinal))
            {
                current = files[line["I: Sending file: ".Length..].Trim()];
            }
            else if (line.StartsWith("I: Received Store Response (Success)", StringComparison.Ordinal))
            {
                sent.Acknowledge(current!);
            }
        }
    }
}
