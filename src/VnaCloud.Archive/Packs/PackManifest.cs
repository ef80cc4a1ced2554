using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>The manifest of a pack: what each member is, so that the index can be made again from packs alone (docs/pack-format.md).</summary>
public sealed record PackManifest
{
    /// <summary>Bytes of inflated manifest that are read; 5,000 instances need about 4 MB. 256 MiB.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    /// <summary>Format version.</summary>
    public required int Version { get; init; }

    /// <summary>Name and version of the writer.</summary>
    public required string Writer { get; init; }

    /// <summary>The pack's ULID.</summary>
    public required string Pack { get; init; }

    /// <summary>Study Instance UID of all members.</summary>
    public required string Study { get; init; }

    /// <summary>Inline limit that the metadata was written with.</summary>
    public required int InlineLimit { get; init; }

    /// <summary>Who sent it.</summary>
    public required ManifestSource Source { get; init; }

    /// <summary>The members, in order.</summary>
    public required IReadOnlyList<ManifestMember> Members { get; init; }

    /// <summary>The gzip form: stored where there is little to gain, compressed else.</summary>
    public byte[] Compress()
    {
        if (Members.Count == 1)
        {
            // A compressor costs more than the few hundred bytes of one instance are worth, which compaction takes away.
            var json = JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.PackManifest);
            if (json.Length <= GzipFrame.MaxStored)
            {
                return [.. GzipFrame.Header, .. GzipFrame.Stored(json), .. GzipFrame.Trailer(Crc32.Append(0, json), json.Length)];
            }
        }
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(gzip, this, ManifestJson.Default.PackManifest);
        }
        return output.ToArray();
    }

    /// <summary>Reads the gzip form.</summary>
    /// <exception cref="InvalidDataException">It is not a manifest of a known version.</exception>
    public static async ValueTask<PackManifest> ReadAsync(Stream gzip, CancellationToken cancellation)
    {
        try
        {
            await using var inflate = new BoundedStream(new GZipStream(gzip, CompressionMode.Decompress, leaveOpen: true), MaxBytes);
            var manifest = await JsonSerializer.DeserializeAsync(inflate, ManifestJson.Default.PackManifest, cancellation);
            PackFormat.RequireVersion(manifest?.Version);
            return manifest!;
        }
        catch (JsonException json)
        {
            throw new InvalidDataException("The manifest is not JSON of this format.", json);
        }
    }
}

/// <summary>Sender of a pack.</summary>
public sealed record ManifestSource(string Batch, string Actor, string Address, string Request, DateTimeOffset At);

/// <summary>One instance in a manifest.</summary>
public sealed record ManifestMember
{
    /// <summary>Where it first arrived, "ULID/ordinal".</summary>
    public required string Origin { get; init; }

    /// <summary>Series Instance UID.</summary>
    public required string Series { get; init; }

    /// <summary>SOP Instance UID.</summary>
    public required string Sop { get; init; }

    /// <summary>First byte in the pack.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes.</summary>
    public required long Length { get; init; }

    /// <summary>SHA-256 of the stored bytes, hexadecimal.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of transfer syntax UID and data set, hexadecimal.</summary>
    public required string Content { get; init; }

    /// <summary>First byte of the metadata segments in the pack.</summary>
    public required long MetadataOffset { get; init; }

    /// <summary>Segments as [length, inflated length, CRC-32].</summary>
    public required IReadOnlyList<IReadOnlyList<long>> Segments { get; init; }

    /// <summary>Frames as [layout, count, pixel offset, pixel length, frame length, table offset, first offset, first length, first fragments].</summary>
    public required IReadOnlyList<long> Frames { get; init; }

    /// <summary>Attributes of the instance.</summary>
    public required InstanceAttributes Instance { get; init; }

    /// <summary>Attributes of its series.</summary>
    public required SeriesAttributes SeriesAttributes { get; init; }

    /// <summary>Attributes of its study and patient.</summary>
    public required StudyAttributes StudyAttributes { get; init; }
}

[JsonSerializable(typeof(PackManifest))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ManifestJson : JsonSerializerContext;
