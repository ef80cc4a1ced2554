using System.Globalization;
using System.Text.Json;

namespace VnaCloud.Dicom.Tests.Oracles;

internal enum DifferenceKind
{
    /// <summary>The oracle refuses the file.</summary>
    NoAnswer,
    OnlyOurs,
    OnlyTheirs,
    Vr,
    Value,
}

/// <summary>An attribute on which an oracle does not agree with us.</summary>
internal sealed record Difference(
    string File, string Oracle, string Path, DicomTag Tag, DifferenceKind Kind, string OurVr, string TheirVr, string Ours, string Theirs)
{
    public override string ToString() => $"{File} {Oracle} {Path} {Kind} {OurVr}/{TheirVr}: {Short(Ours)} <> {Short(Theirs)}";

    private static string Short(string text) => text.Length > 100 ? text[..100] + "..." : text;
}

/// <summary>
/// Compares DICOM JSON attribute by attribute: VRs, values (numbers by what they count, 1.0 = 1) and binary by its bytes, wherever
/// the JSON has put them.
/// </summary>
internal sealed class JsonComparer(ReadFile file, string name, string oracle)
{
    private readonly List<Difference> _differences = [];

    /// <summary>Attributes that were compared, nested ones included.</summary>
    public int Compared { get; private set; }

    public IReadOnlyList<Difference> Compare(JsonElement ours, JsonElement theirs)
    {
        CompareObjects("", file.DataSet, ours, theirs);
        return _differences;
    }

    private void CompareObjects(string path, DicomDataSet dataSet, JsonElement ours, JsonElement theirs)
    {
        var there = theirs.EnumerateObject().ToDictionary(property => property.Name.ToUpperInvariant(), property => property.Value);
        foreach (var property in ours.EnumerateObject())
        {
            Compared++;
            Assert.True(DicomTag.TryParseHex(property.Name, out var tag), property.Name);
            var place = $"{path}/{property.Name}";
            if (there.Remove(property.Name, out var their))
            {
                CompareAttributes(place, tag, dataSet, property.Value, their);
            }
            else
            {
                Differ(place, tag, DifferenceKind.OnlyOurs, Vr(property.Value), "", Text(property.Value), "");
            }
        }
        foreach (var (key, value) in there)
        {
            Assert.True(DicomTag.TryParseHex(key, out var tag), key);
            Differ($"{path}/{key}", tag, DifferenceKind.OnlyTheirs, "", Vr(value), "", Text(value));
        }
    }

    private void CompareAttributes(string path, DicomTag tag, DicomDataSet dataSet, JsonElement ours, JsonElement theirs)
    {
        var (vr, theirVr) = (Vr(ours), Vr(theirs));
        if (vr != theirVr)
        {
            Differ(path, tag, DifferenceKind.Vr, vr, theirVr, Text(ours), Text(theirs));
            if (vr == "SQ" || theirVr == "SQ" || IsBinary(vr) != IsBinary(theirVr))
            {
                return;
            }
        }
        if (vr == "SQ")
        {
            CompareSequences(path, tag, dataSet, ours, theirs);
            return;
        }
        var our = IsBinary(vr) ? OurBinary(tag, dataSet, ours) : Values(ours, vr);
        var their = IsBinary(vr) ? TheirBinary(theirs) : Values(theirs, vr);
        if (our != their)
        {
            Differ(path, tag, DifferenceKind.Value, vr, theirVr, our, their);
        }
    }

    private void CompareSequences(string path, DicomTag tag, DicomDataSet dataSet, JsonElement ours, JsonElement theirs)
    {
        var items = dataSet[tag]!.Items!;
        var here = Items(ours);
        var there = Items(theirs);
        if (here.Count != there.Count)
        {
            Differ(path, tag, DifferenceKind.Value, "SQ", "SQ", $"{here.Count} items", $"{there.Count} items");
            return;
        }
        for (var i = 0; i < here.Count; i++)
        {
            CompareObjects($"{path}/{i}", items[i], here[i], there[i]);
        }
    }

    private string OurBinary(DicomTag tag, DicomDataSet dataSet, JsonElement json)
    {
        if (json.TryGetProperty("BulkDataURI", out _))
        {
            return OracleJson.Digest(file.BytesOf(dataSet[tag]!, dataSet).Span);
        }
        return TheirBinary(json);
    }

    private static string TheirBinary(JsonElement json)
    {
        if (json.TryGetProperty("BulkDataURI", out var uri))
        {
            return uri.GetString()!;
        }
        return json.TryGetProperty("InlineBinary", out var inline) && inline.GetString() is { Length: > 0 } text
            ? OracleJson.Digest(Convert.FromBase64String(text)) : "";
    }

    private static string Values(JsonElement json, string vr) =>
        json.TryGetProperty("Value", out var values) ? string.Join('|', values.EnumerateArray().Select(value => Canonical(value, vr))) : "";

    private static string Canonical(JsonElement value, string vr) => value.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "{" + string.Join(',', value.EnumerateObject().OrderBy(group => group.Name, StringComparer.Ordinal).Select(group => $"{group.Name}:{group.Value}")) + "}",
        JsonValueKind.Number => Number(value.GetRawText(), vr),
        _ => vr is "DS" or "IS" || (Enum.Parse<DicomVr>(vr).NumberSize() > 0 && vr != "AT") ? Number(value.GetString()!, vr) : value.GetString()!,
    };

    // FL and FD in their own precision, whatever digits they were written with; all others digit by digit.
    private static string Number(string text, string vr)
    {
        if (vr is "FL" or "FD" && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
        {
            return vr == "FL" ? ((float)real).ToString("R", CultureInfo.InvariantCulture) : real.ToString("R", CultureInfo.InvariantCulture);
        }
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            ? (exact == 0 ? 0 : exact / 1.000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : text;
    }

    private static List<JsonElement> Items(JsonElement json) => json.TryGetProperty("Value", out var items) ? [.. items.EnumerateArray()] : [];

    private static string Vr(JsonElement json) => json.GetProperty("vr").GetString()!;

    private static bool IsBinary(string vr) => Enum.TryParse<DicomVr>(vr, out var known) && known.IsBinary();

    private static string Text(JsonElement json) => json.GetRawText();

    private void Differ(string path, DicomTag tag, DifferenceKind kind, string ourVr, string theirVr, string ours, string theirs) =>
        _differences.Add(new Difference(name, oracle, path, tag, kind, ourVr, theirVr, ours, theirs));
}
