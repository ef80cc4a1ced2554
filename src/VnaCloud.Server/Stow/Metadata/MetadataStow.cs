using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http.Multipart;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Storage;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>
/// STOW-RS of metadata and bulk data apart (PS3.18 10.5.2): metadata first, then the bulk data that it names. Each data set becomes a
/// PS3.10 file, which is stored by the way of all others.
/// </summary>
internal sealed class MetadataStow(VnaOptions options, MetadataBudget budget)
{
    private readonly string _folder = options.Storage.Provider == StorageProvider.FileSystem
        ? Path.Combine(Path.GetFullPath(options.Storage.Path), "spool")
        : options.Storage.S3.SpoolPath ?? Path.GetTempPath();

    /// <summary>Whether a multipart body of this type holds metadata.</summary>
    public static bool Takes(string? relatedType) => relatedType is MediaTypeNames.DicomJson or MediaTypeNames.DicomXml or MediaTypeNames.Json;

    /// <summary>Reads the whole body, then adds its instances to the session.</summary>
    /// <returns>Parts that no metadata names; they are not kept.</returns>
    /// <exception cref="MultipartFormatException">The body or its metadata cannot be read: nothing is stored.</exception>
    /// <exception cref="MetadataBudgetException">Too much metadata is held for others.</exception>
    public async Task<int> AddAsync(IngestSession session, HttpRequest request, MultipartContentType type, string? study, CancellationToken cancellation)
    {
        using var spool = new Spool(_folder, MetadataLimits.SpoolBytes);
        using var body = new MultipartBody(request.Body, type.Boundary, MultipartLimits.Of(options.Limits));
        using var reader = new MetadataReader(body, MediaTypeNames.Canonical(type.RelatedType!), budget);
        var part = await reader.ReadAsync(cancellation);
        var bulk = new BulkParts(reader.Uris);
        var unreferenced = 0;
        for (; part is not null; part = await body.ReadPartAsync(cancellation))
        {
            var media = MediaType.Parse(part.ContentType ?? MediaTypeNames.OctetStream)
                ?? throw new MultipartFormatException(MultipartFault.Malformed, "The Content-Type of a part cannot be read.");
            if (bulk.Place(part.ContentLocation) is { } place)
            {
                var range = await spool.AppendAsync(part.Content, cancellation);
                bulk.Add(place, new BulkPart(MediaTypeNames.Canonical(media.Name), media["transfer-syntax"], range));
            }
            else
            {
                unreferenced++;
            }
        }
        var builder = new InstanceBuilder(spool, bulk, study);
        foreach (var document in reader.Documents)
        {
            var built = builder.Build(document);
            if (built.Failure is { } failure)
            {
                session.Refuse(failure);
                continue;
            }
            using var source = new PieceSource(built.Pieces, spool);
            await session.AddAsync(source, cancellation);
        }
        return unreferenced;
    }
}
