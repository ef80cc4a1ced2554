using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using VnaCloud.Dicom.Tests.Oracles;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Json;

/// <summary>JSON that becomes a data set and JSON again is the same, apart from (0008,0005), which then is ISO_IR 192.</summary>
public partial class JsonRoundTripTests
{
    // Items inherit the data set's UTF-8.
    [GeneratedRegex("""
        "00080005":\{[^{}]*\},?
        """)]
    private static partial Regex ItemsCharacterSet();

    private static readonly DicomJsonOptions Inline = new() { InlineLimit = int.MaxValue };
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = DicomJsonReader.MaxJsonDepth };

    [Fact]
    public async Task Read_JsonOfTheCorpus_WritesTheSameAgain()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var wrong = new List<string>();
        foreach (var file in Corpus.Sample(Corpus.Ok, 8))
        {
            var original = await ReadFile.OpenAsync(file);
            original.DataSet.Remove(DicomTags.PixelData);
            original.DataSet.Remove(DicomTags.FloatPixelData);
            original.DataSet.Remove(DicomTags.DoubleFloatPixelData);
            original.DataSet.Set(DicomTags.SpecificCharacterSet, DicomVr.CS, original.DataSet.Strings(DicomTags.SpecificCharacterSet));
            using var first = JsonDocument.Parse(original.Json(Inline), Deep);
            using var again = JsonDocument.Parse(Write(DicomJsonReader.Read(first.RootElement, Bulk)), Deep);
            if (Difference(first.RootElement, again.RootElement) is { } difference)
            {
                wrong.Add($"{file.Name}: {difference}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("""{"00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B","Phonetic":"C"}]}}""")]
    [InlineData("""{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00081030":{"vr":"LO","Value":["größe",null,"Ω"]}}""")]
    [InlineData("""{"00280030":{"vr":"DS","Value":[0.5,0.25]},"00280008":{"vr":"IS","Value":[12]},"00189073":{"vr":"FD","Value":[0.1]}}""")]
    [InlineData("""{"0040A730":{"vr":"SQ","Value":[{"00080104":{"vr":"LO","Value":["ä"]}},{}]},"00081140":{"vr":"SQ"}}""")]
    [InlineData("""{"00090010":{"vr":"LO","Value":["ACME"]},"00091001":{"vr":"UN","InlineBinary":"AQI="},"00280009":{"vr":"AT","Value":["00181063"]}}""")]
    public void Read_EachKindOfValue_WritesTheSameAgain(string json)
    {
        using var first = JsonDocument.Parse(json);
        using var again = JsonDocument.Parse(Write(DicomJsonReader.Read(first.RootElement)));
        Assert.Null(Difference(first.RootElement, again.RootElement));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"0010001":{"vr":"LO"}}""")]
    [InlineData("""{"00100010":{"vr":1}}""")]
    [InlineData("""{"00100010":{"vr":"XX"}}""")]
    [InlineData("""{"00100010":{"vr":"LO","Value":"A"}}""")]
    [InlineData("""{"00100010":{"vr":"LO","Value":["\ud800"]}}""")]
    [InlineData("""{"\ud80000100":{"vr":"LO"}}""")]
    [InlineData("""{"00100010":{"vr":"LO","Value":[[]]}}""")]
    [InlineData("""{"00280010":{"vr":"US","Value":[65536]}}""")]
    [InlineData("""{"00280010":{"vr":"US","Value":[{}]}}""")]
    [InlineData("""{"00091001":{"vr":"OB","InlineBinary":"%%"}}""")]
    [InlineData("""{"00091001":{"vr":"OB","InlineBinary":7}}""")]
    [InlineData("""{"00091001":{"vr":"OB","BulkDataURI":"http://host/x"}}""")]
    public void Read_NotTheModel_IsMalformed(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(DicomFault.Malformed, Assert.Throws<DicomFormatException>(() => DicomJsonReader.Read(document.RootElement)).Fault);
    }

    // Icons' pixel data is a BulkDataURI too; by its path it becomes the same one again, whatever its bytes.
    private static ReadOnlyMemory<byte> Bulk(string uri) => System.Text.Encoding.ASCII.GetBytes(uri);

    private static ReadOnlyMemory<byte> Write(DicomDataSet dataSet)
    {
        var output = new ArrayBufferWriter<byte>();
        new DicomJsonWriter(output, Inline).Write(dataSet);
        return output.WrittenMemory;
    }

    private static string? Difference(JsonElement first, JsonElement again)
    {
        var left = Attributes(first);
        var right = Attributes(again);
        return left.SequenceEqual(right) ? null : $"{string.Join(' ', left.Except(right).Take(2))} became {string.Join(' ', right.Except(left).Take(2))}";
    }

    private static List<string> Attributes(JsonElement json) =>
        [.. json.EnumerateObject().Where(attribute => attribute.Name != "00080005").Select(attribute => $"{attribute.Name} {ItemsCharacterSet().Replace(attribute.Value.GetRawText(), "")}").Order(StringComparer.Ordinal)];
}
