using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// What an instance says of its study and series, kept once for all instances of a series that say the same: so the rule "the non-empty
/// value of the live instance with the smallest origin" can be computed again after any commit or delete without reading all instances.
/// </summary>
internal sealed record AttributeSet(StudyAttributes Study, SeriesAttributes Series)
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Same JSON, same set: written in one order, empty values left out.</summary>
    public byte[] ToJson()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        for (var i = 0; i < AttributeColumns.Study.Count; i++)
        {
            WriteText(writer, AttributeColumns.Study[i].Tag, AttributeColumns.Study[i].Get(Study));
        }
        for (var i = 0; i < AttributeColumns.Series.Count; i++)
        {
            WriteText(writer, AttributeColumns.Series[i].Tag, AttributeColumns.Series[i].Get(Series));
        }
        WriteRequests(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The name of a set within its series.</summary>
    public static long IdOf(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static AttributeSet Parse(ReadOnlySpan<byte> json)
    {
        var values = new Dictionary<string, string>();
        var requests = new List<RequestAttributes>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                values[name] = reader.GetString()!;
                continue;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                var step = reader.GetString()!;
                reader.Read();
                requests.Add(new RequestAttributes(step, reader.GetString()!));
            }
        }
        return new AttributeSet(AttributeColumns.StudyOf(values), AttributeColumns.SeriesOf(values, requests));
    }

    /// <summary>Whether another instance says the same, without making JSON of it.</summary>
    public bool Says(StudyAttributes study, SeriesAttributes series) =>
        Study == study && Series with { Requests = [] } == series with { Requests = [] } && Series.Requests.SequenceEqual(series.Requests);

    private static void WriteText(Utf8JsonWriter writer, string tag, string value)
    {
        if (value.Length > 0)
        {
            writer.WriteString(tag, Text.Clean(value));
        }
    }

    private void WriteRequests(Utf8JsonWriter writer)
    {
        if (Series.Requests.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("00400275");
        foreach (var request in Series.Requests.Take(SeriesAttributes.MaxRequests))
        {
            writer.WriteStringValue(Text.Clean(request.ScheduledProcedureStepId));
            writer.WriteStringValue(Text.Clean(request.RequestedProcedureId));
        }
        writer.WriteEndArray();
    }
}
