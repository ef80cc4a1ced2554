using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>
/// Which encoding of an instance the accepted ranges allow, in their order of preference (PS3.18 8.7.3.5.2).
/// </summary>
internal sealed class EncodingChoice
{
    /// <summary>Stored bytes, whatever they are.</summary>
    public static readonly EncodingChoice AsStored = new([new Wish("*", Named: true)]);

    private readonly IReadOnlyList<Wish> _wishes;

    private EncodingChoice(IReadOnlyList<Wish> wishes) => _wishes = wishes;

    private sealed record Wish(string? TransferSyntax, bool Named);

    /// <summary>Reads the wishes for application/dicom out of what is accepted.</summary>
    public static EncodingChoice Of(IReadOnlyList<AcceptedMediaType> accepted, bool multipart)
    {
        var wishes = accepted
            .Where(range => range.Q > 0 && Concerns(range, multipart))
            .OrderByDescending(range => range.FromQuery)
            .ThenByDescending(range => range.Q)
            .Select(range => new Wish(range.TransferSyntax, !(range.RelatedType ?? range.Type).EndsWith("/*", StringComparison.Ordinal)))
            .ToList();
        return new EncodingChoice(wishes.Count > 0 ? wishes : [new Wish(null, Named: false)]);
    }

    /// <summary>The syntax to give the instance in, which is the stored one wherever a wish allows it; null when no wish can be met.</summary>
    /// <param name="stored">As it is stored.</param>
    /// <param name="canGive">Whether it can be changed into another.</param>
    public TransferSyntax? For(TransferSyntax stored, Func<TransferSyntax, bool> canGive)
    {
        foreach (var wish in _wishes)
        {
            if (wish.TransferSyntax == "*" || wish.TransferSyntax == stored.Uid)
            {
                return stored;
            }
            var asked = wish.TransferSyntax is { } uid ? TransferSyntax.Get(uid) : TransferSyntax.ExplicitVrLittleEndian;
            // Without a name it is Explicit VR Little Endian, or the lossy form that is the only one (PS3.18 8.7.3.5.2); and a client that
            // takes anything gets what there is.
            if (wish.TransferSyntax is null && (stored.IsLossy || !stored.IsKnown || (!wish.Named && stored.IsEncapsulated)))
            {
                return stored;
            }
            if (asked.Uid == stored.Uid || canGive(asked))
            {
                return asked;
            }
        }
        return null;
    }

    private static bool Concerns(AcceptedMediaType range, bool multipart) => range.Type switch
    {
        "*/*" => true,
        MediaTypeNames.MultipartRelated or "multipart/*" => multipart && range.RelatedType is null or MediaTypeNames.Dicom or "application/*" or "*/*",
        MediaTypeNames.Dicom or "application/*" => !multipart,
        _ => false,
    };
}
