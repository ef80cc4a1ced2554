using System.Runtime.InteropServices;
using System.Text.Json;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Multipart;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>
/// The metadata of one instance, as its bytes: read once to check it and to see which bulk data it names, and again when that has
/// arrived. So only the text is held meanwhile, and never the data sets of a whole study.
/// </summary>
internal sealed class MetadataDocument
{
    private static readonly JsonReaderOptions Tokens = new() { MaxDepth = DicomJsonReader.MaxJsonDepth + 1 };
    private static readonly JsonDocumentOptions Whole = new() { MaxDepth = DicomJsonReader.MaxJsonDepth };

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly bool _isXml;

    private MetadataDocument(ReadOnlyMemory<byte> bytes, bool isXml) => (_bytes, _isXml) = (bytes, isXml);

    /// <summary>A document of the Native DICOM Model (PS3.19 A.1).</summary>
    public static MetadataDocument OfXml(ReadOnlyMemory<byte> bytes) => new(bytes, isXml: true);

    /// <summary>An array of DICOM JSON objects (PS3.18 10.5.2), or one object, as some senders have it.</summary>
    /// <exception cref="MultipartFormatException">Not JSON, or neither.</exception>
    public static List<MetadataDocument> OfJson(ReadOnlyMemory<byte> bytes)
    {
        bytes = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        try
        {
            return [.. Objects(bytes.Span).Select(range => new MetadataDocument(bytes[range], isXml: false))];
        }
        catch (JsonException wrong)
        {
            throw Malformed($"The metadata is not JSON: line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}.");
        }
    }

    /// <summary>The data set.</summary>
    /// <exception cref="MultipartFormatException">It is none.</exception>
    public DicomDataSet Read(BulkDataResolver bulk)
    {
        try
        {
            if (_isXml)
            {
                using var xml = ToStream();
                return DicomXmlReader.Read(xml, bulk);
            }
            using var json = JsonDocument.Parse(_bytes, Whole);
            return DicomJsonReader.Read(json.RootElement, bulk);
        }
        catch (JsonException)
        {
            throw Malformed("The metadata is nested too deeply.");
        }
        catch (DicomFormatException wrong)
        {
            throw Malformed($"The metadata is not of the {(_isXml ? "Native DICOM Model" : "DICOM JSON Model")}: {wrong.Message}.");
        }
    }

    private static List<Range> Objects(ReadOnlySpan<byte> bytes)
    {
        var objects = new List<Range>();
        var reader = new Utf8JsonReader(bytes, Tokens);
        reader.Read();
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        while (!isArray || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Malformed("The metadata is not an array of DICOM JSON objects.");
            }
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            objects.Add(start..(int)reader.BytesConsumed);
            if (!isArray)
            {
                break;
            }
        }
        // What follows the end is wrong, and said to be by this.
        reader.Read();
        return objects;
    }

    private MemoryStream ToStream() => MemoryMarshal.TryGetArray(_bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(_bytes.ToArray(), writable: false);

    private static MultipartFormatException Malformed(string message) => new(MultipartFault.Malformed, message);
}
