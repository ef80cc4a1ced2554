using System.Globalization;
using System.Text.Json;

namespace VnaCloud.Cli.Import;

/// <summary>Reads the Store Instances Response Module (PS3.18 Annex I) as DICOM JSON.</summary>
internal static class StowAnswer
{
    private const string FailedSops = "00081198", ReferencedSops = "00081199", OtherFailures = "0008119A", SopUid = "00081155",
        FailureReason = "00081197", WarningReason = "00081196", Comment = "00000902";

    /// <summary>One answer for each file. The files of a request have different SOP Instance UIDs, which the answer names.</summary>
    public static IReadOnlyList<ImportAnswer> Read(JsonElement answer, IReadOnlyList<ImportFile> files)
    {
        var bySop = new Dictionary<string, ImportAnswer>(StringComparer.Ordinal);
        foreach (var item in Items(answer, ReferencedSops))
        {
            bySop[Text(item, SopUid)] = new ImportAnswer(null, Text(item, WarningReason).Length > 0 ? Text(item, Comment) : "");
        }
        foreach (var item in Items(answer, FailedSops))
        {
            bySop[Text(item, SopUid)] = new ImportAnswer(Reason(item));
        }
        // Failures without a UID come in the order of the parts that caused them.
        var others = new Queue<string>(Items(answer, OtherFailures).Select(Reason));
        return [.. files.Select(file => file.SopUid.Length > 0 && bySop.TryGetValue(file.SopUid, out var known) ? known
            : new ImportAnswer(others.TryDequeue(out var reason) ? reason : "The server's answer does not name it."))];
    }

    private static string Reason(JsonElement item) => int.TryParse(Text(item, FailureReason), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
        ? $"{code:X4}H {Text(item, Comment)}" : Text(item, Comment);

    private static JsonElement.ArrayEnumerator Items(JsonElement dataSet, string tag) =>
        dataSet.ValueKind == JsonValueKind.Object && dataSet.TryGetProperty(tag, out var element) && element.TryGetProperty("Value", out var value)
            ? value.EnumerateArray() : default;

    private static string Text(JsonElement item, string tag) => Items(item, tag).Select(value => value.ToString()).FirstOrDefault("");
}
