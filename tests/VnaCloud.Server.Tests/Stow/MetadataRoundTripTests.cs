using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Corpus;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>
/// What we give out as metadata and bulk data, we take back as the same instance under another UID. Alone, because it holds large files
/// several times, which others would take for their own memory.
/// </summary>
[Collection(Alone.Name)]
public sealed class MetadataRoundTripTests(ITestOutputHelper output)
{
    private const string AsStored = "application/dicom; transfer-syntax=*";
    private static readonly DicomReadOptions Whole = new() { KeepPixelData = long.MaxValue };
    private int _compared, _elements, _frames;

    [Theory]
    [InlineData("application/dicom+json")]
    [InlineData("application/dicom+xml")]
    [Trait("dicomweb", "62")]
    public async Task CorpusInstances_PostedBackInParts_AreTheSame(string type)
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        var faults = new List<string>();
        var files = TestCorpus.Sample(TestCorpus.Storable, 8).GroupBy(file => file["sop_instance_uid"]).Select(copies => copies.First()).ToList();
        await using var server = await WireServer.StartAsync();
        foreach (var file in files)
        {
            try
            {
                await CheckAsync(server, file, type);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                faults.Add($"{file}: {fault.Message}");
            }
        }
        output.WriteLine($"{files.Count} files, {_compared} compared, {_elements} elements, {_frames} frames");
        Assert.True(faults.Count == 0, $"{faults.Count} files:\n{string.Join('\n', faults)}");
        Assert.True(TestCorpus.IsFast || Stack.IsBalanced || _compared > 300, $"only {_compared} were compared");
    }

    private async Task CheckAsync(WireServer server, CorpusFile file, string type)
    {
        var bytes = file.ReadBytes();
        var expected = await DicomReader.ReadAsync(new MemorySource(bytes), Whole);
        var frames = await FrameBytes.ReadAsync(bytes);
        if (frames.Frames.Layout == FrameLayout.Unknown && !expected.TransferSyntax.IsVideo)
        {
            return; // Compressed frames that cannot be told apart are served as octets, in no known encoding.
        }
        using var stored = await server.StowAsync(bytes);
        var original = Url(await stored.Content.ReadAsStringAsync());
        var json = (await server.MetadataAsync(original))[0]!.AsObject();
        var sop = $"2.25.{_compared + 1}{(type.EndsWith("xml", StringComparison.Ordinal) ? 1 : 0)}";
        var body = new MetadataBody(type);
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            body.Metadata(((JsonObject)json.DeepClone()).With("00080018", "UI", sop));
        }
        else
        {
            var xml = DicomXmlReader.Read(new MemoryStream(await server.BytesAsync($"{original}/metadata", ("Accept", type))), reference =>
                DicomElement.Located(reference.Tag, reference.Vr, Keep(reference.Uri), 1, bigEndian: false));
            xml.Set(DicomTags.SOPInstanceUID, DicomVr.UI, sop);
            using var document = new MemoryStream();
            DicomXmlWriter.Write(document, xml, new DicomXmlOptions { InlineLimit = int.MaxValue, BulkDataUri = (element, _) => _uris[(int)element.Offset] });
            body.Part($"Content-Type: {type}", document.ToArray());
        }
        foreach (var uri in Uris(json).Distinct())
        {
            // A video is octets unless it is asked for as what it is, and its media type does not tell one syntax from another.
            var video = expected.TransferSyntax.IsVideo ? expected.TransferSyntax.MediaType : null;
            using var bulk = await server.GetAsync(uri, ("Accept", video is null ? "*/*" : $"multipart/related; type=\"{video}\", */*;q=0.1"));
            foreach (var part in (await AnswerParts.ReadAsync(bulk)).Parts)
            {
                body.Bulk(part.Location, part.ContentType == video ? $"{video}; transfer-syntax={expected.TransferSyntax.Uid}" : part.ContentType, part.Body);
            }
        }
        using var response = await body.PostAsync(server);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted, text);
        Assert.False(response.Headers.Contains("Warning"));
        var copy = await server.BytesAsync(Url(text), ("Accept", AsStored));
        var actual = await DicomReader.ReadAsync(new MemorySource(copy), Whole);
        Assert.Equal(expected.TransferSyntax.IsEncapsulated && frames.Frames.Layout != FrameLayout.None ? expected.TransferSyntax : TransferSyntax.ExplicitVrLittleEndian, actual.TransferSyntax);
        Assert.Null(Difference(expected.DataSet, actual.DataSet));
        var copied = await FrameBytes.ReadAsync(copy);
        Assert.Equal(frames.Bytes.Count, copied.Bytes.Count);
        Assert.All(frames.Bytes.Zip(copied.Bytes), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second), "a frame differs"));
        _frames += copied.Bytes.Count;
        _compared++;
    }

    private readonly List<string> _uris = [];

    private int Keep(string uri)
    {
        _uris.Add(uri);
        return _uris.Count - 1;
    }

    private static string Url(string answer) =>
        new Uri(Assert.Single(JsonNode.Parse(answer)!.AsObject().Items(StowJson.Referenced)).Text(StowJson.RetrieveUrl)!).AbsolutePath;

    private static IEnumerable<string> Uris(JsonNode? json) => json switch
    {
        JsonObject map => map.SelectMany(pair => pair.Key == "BulkDataURI" ? [pair.Value!.ToString()] : Uris(pair.Value)),
        JsonArray list => list.SelectMany(Uris),
        _ => [],
    };

    // Not asked for: lengths of groups, the character set, the changed UID, and frames, which are compared by themselves.
    private static bool IsCompared(DicomElement element, DicomDataSet within) =>
        !element.Tag.IsGroupLength && element.Tag.Group is not (0 or 2 or 6 or 0xFFFE) && element.Tag != DicomTags.SpecificCharacterSet
        && !(within.Parent is null && (element.Tag.IsPixelData || element.Tag == DicomTags.SOPInstanceUID || element.Tag == DicomTags.ExtendedOffsetTable || element.Tag == DicomTags.ExtendedOffsetTableLengths))
        && element.Fragments is null && !(element.Tag == DicomTags.PixelData && element.IsLocatedOnly);

    private string? Difference(DicomDataSet expected, DicomDataSet actual)
    {
        var left = expected.Where(element => IsCompared(element, expected)).ToList();
        foreach (var element in left)
        {
            _elements++;
            if (actual[element.Tag] is not { } other)
            {
                return $"{element.Tag} is missing";
            }
            if (element.Items is { } items)
            {
                if (items.Count != other.Items?.Count)
                {
                    return $"{element.Tag} has other items";
                }
                if (items.Zip(other.Items).Select(pair => Difference(pair.First, pair.Second)).FirstOrDefault(difference => difference is not null) is { } inner)
                {
                    return $"{element.Tag} {inner}";
                }
            }
            else if (!IsSame(element, expected, other, actual))
            {
                return $"{element.Tag} {element.Vr} '{string.Join('\\', expected.Strings(element.Tag))}' {element.Length} became {other.Vr} '{string.Join('\\', actual.Strings(element.Tag))}' {other.Length}";
            }
        }
        return actual.FirstOrDefault(element => IsCompared(element, actual) && expected[element.Tag] is null) is { } more ? $"{more.Tag} is new" : null;
    }

    private static bool IsSame(DicomElement first, DicomDataSet expected, DicomElement second, DicomDataSet actual)
    {
        if (first.Vr.IsText() || first.Vr.NumberSize() > 0)
        {
            var left = expected.Strings(first.Tag).Select(value => Normal(value, first.Vr)).ToList();
            var right = actual.Strings(second.Tag).Select(value => Normal(value, first.Vr)).ToList();
            return left.SequenceEqual(right) || (left.All(value => value.Length == 0) && right.All(value => value.Length == 0));
        }
        var bytes = first.IsBigEndian && first.Vr.SwapUnit() > 1 ? ByteOrder.Swapped(first.Value.Span, first.Vr.SwapUnit()) : first.Value.ToArray();
        return second.Value.Span.StartsWith(bytes) && second.Length - bytes.Length is 0 or 1;
    }

    private static string Normal(string value, DicomVr vr) =>
        vr is DicomVr.DS or DicomVr.IS && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("R", CultureInfo.InvariantCulture)
            : vr == DicomVr.PN ? string.Join('=', value.Split('=').Select(group => group.TrimEnd(' ', '^'))).TrimEnd('=') : value.TrimEnd(' ', '\0');
}
