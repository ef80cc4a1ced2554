using VnaCloud.Dicom;
using VnaCloud.Server.Http.Multipart;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>The metadata at the beginning of a body: one JSON part, or one XML part for each instance (PS3.18 10.5.2). Several of either are taken.</summary>
internal sealed class MetadataReader(MultipartBody body, string mediaType, MetadataBudget budget) : IDisposable
{
    private readonly HashSet<string> _uris = new(StringComparer.Ordinal);
    private readonly List<MetadataDocument> _documents = [];
    private int _held;

    public IReadOnlyList<MetadataDocument> Documents => _documents;

    /// <summary>The BulkDataURIs that the metadata names.</summary>
    public IReadOnlySet<string> Uris => _uris;

    /// <summary>Reads and checks the metadata; gives the first part behind it, if there is one.</summary>
    public async ValueTask<MultipartPart?> ReadAsync(CancellationToken cancellation)
    {
        var part = await body.ReadPartAsync(cancellation);
        if (part is not null && !IsMetadata(part))
        {
            throw new MultipartFormatException(MultipartFault.Malformed, $"The first part is not {mediaType}.");
        }
        for (; part is not null && IsMetadata(part); part = await body.ReadPartAsync(cancellation))
        {
            var bytes = await ReadContentAsync(part.Content, cancellation);
            if (mediaType == MediaTypeNames.DicomXml)
            {
                _documents.Add(MetadataDocument.OfXml(bytes));
            }
            else
            {
                _documents.AddRange(MetadataDocument.OfJson(bytes));
            }
        }
        foreach (var document in _documents)
        {
            document.Read(reference =>
            {
                _uris.Add(reference.Uri);
                return new DicomElement(reference.Tag, reference.Vr, default(ReadOnlyMemory<byte>));
            });
        }
        return part;
    }

    public void Dispose() => budget.GiveBack(_held);

    // A file of JSON can be bulk data too; then it has a place.
    private bool IsMetadata(MultipartPart part) =>
        MediaType.Parse(part.ContentType) is { } type && MediaTypeNames.Canonical(type.Name) == mediaType
        && (_documents.Count == 0 || part.ContentLocation is null || !_uris.Contains(part.ContentLocation));

    private async ValueTask<ReadOnlyMemory<byte>> ReadContentAsync(ByteSource content, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        do
        {
            var window = content.Window;
            if (_held + window.Length > MetadataLimits.MetadataBytes)
            {
                throw new MultipartFormatException(MultipartFault.TooLarge, $"The metadata is longer than {MetadataLimits.MetadataBytes} bytes: send long values as bulk data.");
            }
            budget.Take(window.Length);
            _held += window.Length;
            bytes.Write(window.Span);
            content.Advance(window.Length);
        }
        while (await content.FillAsync(cancellation));
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}
