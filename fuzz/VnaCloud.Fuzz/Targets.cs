using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Unicode;
using VnaCloud.Dicom;

namespace VnaCloud.Fuzz;

/// <summary>The parsers of untrusted bytes. Each takes anything and may answer with a <see cref="DicomFormatException"/> only.</summary>
internal static class Targets
{
    public static IReadOnlyDictionary<string, Func<byte[], ValueTask<string>>> All { get; } = new Dictionary<string, Func<byte[], ValueTask<string>>>
    {
        ["part10"] = Part10Async,
        ["json"] = bytes => new(Json(bytes)),
        ["deflate"] = DeflateAsync,
    };

    /// <summary>Reader, frame locator, character sets, JSON writer and writer, as an upload goes through them.</summary>
    private static async ValueTask<string> Part10Async(byte[] bytes)
    {
        await using var reader = new DicomReader(new MemorySource(bytes));
        try
        {
            await reader.ReadFileMetaAsync(default);
            await reader.ReadDataSetAsync(default);
            var frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
            Require(frames.Count >= 0 && frames.Ranges.All(range => range.Offset + range.Length <= bytes.Length || reader.TransferSyntax.IsDeflated), "a frame outside the file");
        }
        catch (DicomFormatException)
        {
            // What was read up to there must serve all the same.
        }
        WriteJson(reader.DataSet);
        _ = DicomWriter.EncodeDataSet(reader.DataSet, TransferSyntax.ExplicitVrLittleEndian, SequenceLengths.Defined);
        return reader.TransferSyntax.Uid;
    }

    private static string Json(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = DicomJsonReader.MaxJsonDepth });
            var dataSet = DicomJsonReader.Read(document.RootElement);
            WriteJson(dataSet);
            _ = DicomWriter.EncodeDataSet(dataSet, TransferSyntax.ExplicitVrLittleEndian);
            return "data set";
        }
        catch (JsonException)
        {
            return "not JSON";
        }
        catch (DicomFormatException)
        {
            return "not DICOM JSON";
        }
    }

    /// <summary>The bytes as a data set that is deflated well before it is read, so that mutations reach behind the inflater.</summary>
    private static async ValueTask<string> DeflateAsync(byte[] bytes)
    {
        using var file = new MemoryStream();
        var start = Seeds.DataSetOffset(bytes);
        file.Write(Seeds.DeflatedMeta);
        await using (var deflate = new DeflateStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(bytes, start, bytes.Length - start);
        }
        return await Part10Async(file.ToArray());
    }

    private static void WriteJson(DicomDataSet dataSet)
    {
        var output = new ArrayBufferWriter<byte>();
        new DicomJsonWriter(output).Write(dataSet);
        Require(Utf8.IsValid(output.WrittenSpan), "the JSON is not UTF-8");
        var json = new Utf8JsonReader(output.WrittenSpan, new JsonReaderOptions { MaxDepth = 1000 });
        while (json.Read())
        {
        }
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException(what);
        }
    }
}
