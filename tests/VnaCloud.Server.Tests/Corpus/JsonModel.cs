using System.Text.Json;
using System.Text.Json.Nodes;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>What PS3.18 Annex F asks of every data set, whatever is in it.</summary>
internal static class JsonModel
{
    private static readonly string[] Binary = ["OB", "OD", "OF", "OL", "OV", "OW", "UN"];
    private static readonly string[] Pixels = ["7FE00008", "7FE00009", "7FE00010"];

    public static void Check(JsonObject dataSet)
    {
        Assert.Equal(dataSet.Select(pair => pair.Key).Order(StringComparer.Ordinal), dataSet.Select(pair => pair.Key));
        foreach (var (tag, node) in dataSet)
        {
            Assert.Matches("^[0-9A-F]{8}$", tag);
            Assert.False(tag[4..] == "0000" || tag[..4] is "0000" or "0002", tag);
            var element = node!.AsObject();
            var vr = (string)element["vr"]!;
            Assert.Matches("^[A-Z]{2}$", vr);
            var kinds = element.Select(pair => pair.Key).Where(key => key != "vr").ToList();
            Assert.True(kinds.Count <= 1 && kinds.All(kind => kind is "Value" or "BulkDataURI" or "InlineBinary"), $"{tag}: {string.Join(',', kinds)}");
            Assert.True(!element.ContainsKey("InlineBinary") || (Binary.Contains(vr) && !Pixels.Contains(tag)), $"{tag}: InlineBinary of {vr}");
            Assert.True(!element.ContainsKey("Value") || !Binary.Contains(vr), $"{tag}: Value of {vr}");
            CheckValues(tag, vr, element["Value"]?.AsArray() ?? []);
        }
    }

    private static void CheckValues(string tag, string vr, JsonArray values)
    {
        foreach (var value in values)
        {
            switch (vr)
            {
                case "SQ":
                    Check(value!.AsObject());
                    break;
                case "PN" when value is not null:
                    Assert.All(value.AsObject(), group => Assert.True(group.Key is "Alphabetic" or "Ideographic" or "Phonetic" && (string)group.Value! != "", tag));
                    break;
                case "AT":
                    Assert.Matches("^[0-9A-F]{8}$", (string)value!);
                    break;
                case "US" or "SS" or "UL" or "SL":
                    Assert.Equal(JsonValueKind.Number, value!.GetValueKind());
                    break;
                default:
                    Assert.True(value is null || value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number, tag);
                    break;
            }
        }
    }
}
