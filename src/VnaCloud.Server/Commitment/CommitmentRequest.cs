using System.Text.Json;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Commitment;

/// <summary>
/// The Storage Commitment Request Module (PS3.18 Table J.1-1): single instances in the Referenced SOP Sequence, or whole trees in the
/// Referenced Study Sequence, or both.
/// </summary>
/// <param name="References">First those of <paramref name="Single"/>, then those of the trees.</param>
/// <param name="Single">How many of them are from the Referenced SOP Sequence.</param>
internal sealed record CommitmentRequest(IReadOnlyList<InstanceReference> References, int Single)
{
    /// <summary>Instances in one request.</summary>
    public const int MaxReferences = 20_000;

    /// <summary>Bytes of the body: 20,000 references in XML.</summary>
    public const int MaxBytes = 24 * 1024 * 1024;

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = DicomJsonReader.MaxJsonDepth };

    /// <exception cref="CommitmentFormatException">Not such a module, or too long.</exception>
    public static async Task<CommitmentRequest> ReadAsync(Stream body, string mediaType, CancellationToken cancellation)
    {
        using var bytes = await HoldAsync(body, cancellation);
        try
        {
            return Read(mediaType == MediaTypeNames.DicomXml ? DicomXmlReader.Read(bytes) : ReadJson(bytes));
        }
        catch (Exception wrong) when (wrong is JsonException or DicomFormatException)
        {
            throw new CommitmentFormatException($"The body is no data set as {mediaType}.");
        }
    }

    private static async Task<MemoryStream> HoldAsync(Stream body, CancellationToken cancellation)
    {
        var held = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (held.Length + read > MaxBytes)
            {
                await held.DisposeAsync();
                throw new CommitmentFormatException($"The body is longer than {MaxBytes} bytes: ask for fewer instances at once.", StatusCodes.Status413PayloadTooLarge);
            }
            held.Write(buffer, 0, read);
        }
        held.Position = 0;
        return held;
    }

    private static DicomDataSet ReadJson(MemoryStream bytes)
    {
        using var json = JsonDocument.Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), Depth);
        // One data set, or the array of one that the JSON model of other services has.
        var root = json.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 1 ? array[0] : json.RootElement;
        return DicomJsonReader.Read(root);
    }

    private static CommitmentRequest Read(DicomDataSet module)
    {
        var references = module.Items(DicomTags.ReferencedSOPSequence).Select(item => Reference(item, item, "", "")).ToList();
        var single = references.Count;
        foreach (var study in module.Items(DicomTags.ReferencedStudySequence))
        {
            foreach (var series in study.Items(DicomTags.ReferencedSeriesSequence))
            {
                foreach (var ofClass in series.Items(ReferencedInstancesBySopClass))
                {
                    references.AddRange(ofClass.Items(DicomTags.ReferencedInstanceSequence)
                        .Select(item => Reference(ofClass, item, Uid(study, DicomTags.StudyInstanceUID), Uid(series, DicomTags.SeriesInstanceUID))));
                }
            }
        }
        return references.Count switch
        {
            0 => throw new CommitmentFormatException("There is no reference: fill the Referenced SOP Sequence (0008,1199) or the Referenced Study Sequence (0008,1110)."),
            > MaxReferences => throw new CommitmentFormatException($"There are more than {MaxReferences} references: ask for fewer at once.", StatusCodes.Status413PayloadTooLarge),
            _ => new CommitmentRequest(references, single),
        };
    }

    private static InstanceReference Reference(DicomDataSet ofClass, DicomDataSet item, string study, string series) =>
        new(Uid(ofClass, DicomTags.ReferencedSOPClassUID), Uid(item, DicomTags.ReferencedSOPInstanceUID), study, series);

    private static string Uid(DicomDataSet data, DicomTag tag) => data.String(tag) is var uid && DicomUid.IsTolerated(uid) ? uid
        : throw new CommitmentFormatException($"{tag} is missing or no UID in a reference.");

    /// <summary>Referenced Instances by SOP Class Sequence.</summary>
    internal static DicomTag ReferencedInstancesBySopClass => new(0x00081112);
}

/// <summary>The body of a request is not what PS3.18 asks for.</summary>
internal sealed class CommitmentFormatException(string message, int statusCode = StatusCodes.Status400BadRequest) : Exception(message)
{
    /// <summary>400 or 413.</summary>
    public int StatusCode { get; } = statusCode;
}
