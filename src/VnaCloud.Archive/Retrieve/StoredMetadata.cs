using System.IO.Pipelines;

namespace VnaCloud.Archive;

/// <summary>The stored DICOM JSON of one instance, for searches that ask for attributes without a column.</summary>
public sealed class StoredMetadata(IObjectStore store)
{
    /// <summary>Longest JSON of one instance that a search looks into, in bytes; 64 MiB.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>The JSON object, UTF-8.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="MaxBytes"/>.</exception>
    public async Task<byte[]> ReadAsync(MetadataLocator locator, string baseUrl, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(locator);
        var answer = new MetadataAnswer([Entry(locator)], baseUrl);
        if (answer.Length > MaxBytes)
        {
            throw new InvalidDataException("The metadata of an instance is too long to search in.");
        }
        using var json = new MemoryStream((int)answer.Length);
        var writer = PipeWriter.Create(json, new StreamPipeWriterOptions(leaveOpen: true));
        await answer.WriteIdentityAsync(store, writer, cancellation);
        await writer.CompleteAsync();
        // The answer is an array of one.
        return json.GetBuffer().AsSpan(1, (int)json.Length - 2).ToArray();
    }

    private static InstanceEntry Entry(MetadataLocator locator) => new()
    {
        Key = default,
        Origin = default,
        Attributes = new InstanceAttributes { SopClassUid = "", TransferSyntaxUid = "" },
        Data = default,
        Metadata = locator,
        Frames = FrameMap.Empty,
        FileDigest = default,
        ContentDigest = default,
    };
}
