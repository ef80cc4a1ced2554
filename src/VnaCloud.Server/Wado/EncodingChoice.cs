using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>
/// Which encoding of an instance the accepted ranges allow, in their order of preference (PS3.18 8.7.3.5.2). Without a decoder the
/// possible ones are the stored one and, out of native or deflated syntaxes, Explicit VR Little Endian.
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

    /// <summary>Whether to convert to Explicit VR Little Endian (true) or give what is stored (false); null when no wish can be met.</summary>
    public bool? For(TransferSyntax stored, bool hasPixels)
    {
        var convertible = stored.IsKnown && !stored.IsReferenced && (!stored.IsEncapsulated || !hasPixels) && stored.Uid != TransferSyntax.ExplicitVrLittleEndian.Uid;
        foreach (var wish in _wishes)
        {
            if (wish.TransferSyntax == "*" || wish.TransferSyntax == stored.Uid)
            {
                return false;
            }
            if (wish.TransferSyntax is null || wish.TransferSyntax == TransferSyntax.ExplicitVrLittleEndian.Uid)
            {
                if (convertible || stored.Uid == TransferSyntax.ExplicitVrLittleEndian.Uid)
                {
                    return convertible;
                }
                // PS3.18 8.7.3.5.2: a lossy form that is the only one may be given where no syntax was named; and a client that
                // takes anything gets what there is.
                if (wish.TransferSyntax is null && (stored.IsLossy || !wish.Named || !stored.IsKnown))
                {
                    return false;
                }
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
