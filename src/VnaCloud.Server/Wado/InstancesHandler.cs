using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>Instances as stored or as Explicit VR Little Endian, in multipart, alone, or as a ZIP of a study or series.</summary>
internal sealed class InstancesHandler(WadoTarget.Reader reader, BoundaryMaker boundaries)
{
    private static readonly MediaOffer Multipart = new(MediaTypeNames.Dicom, Multipart: true);
    private static readonly MediaOffer Single = new(MediaTypeNames.Dicom, Multipart: false);
    private static readonly MediaOffer Zip = new(MediaTypeNames.Zip, Multipart: false);

    public async Task<IResult> GetAsync(HttpContext context)
    {
        if (!Accept.TryRead(context.Request, out var accepted))
        {
            return Problem.BadAccept();
        }
        var (target, problem) = await reader.ReadAsync(context);
        if (target is null)
        {
            return problem!;
        }
        MediaOffer[] offers = target.Level == QueryLevel.Instance ? [Multipart, Single] : [Multipart, Zip];
        if (Negotiator.Choose(accepted, offers) is not { } offer)
        {
            return Problem.NotAcceptable(offers);
        }
        var choice = offer == Zip ? EncodingChoice.AsStored : EncodingChoice.Of(accepted, offer.Multipart);
        var chosen = Choose(target, choice);
        if (chosen.Count == 0)
        {
            return new Problem(StatusCodes.Status406NotAcceptable,
                $"The stored transfer syntax cannot be changed into one of the accepted. Supported: transfer-syntax=*{NamesOf(target)}, and {TransferSyntax.ExplicitVrLittleEndian.Uid} for native pixel data.");
        }
        if (offer == Zip && target.Damaged.Count > 0)
        {
            return WadoTarget.DamagedProblem; // a ZIP cannot say that something is left out
        }
        return offer == Zip ? new ZipAnswer(chosen.ConvertAll(pair => pair.Entry), target.Objects)
            : await AnswerAsync(target, chosen, offer.Multipart, context.RequestAborted);
    }

    private async Task<IResult> AnswerAsync(WadoTarget target, List<(InstanceEntry Entry, bool Convert)> chosen, bool multipart, CancellationToken cancellation)
    {
        var parts = new List<AnswerPart>(chosen.Count);
        foreach (var (entry, convert) in chosen)
        {
            var syntax = convert ? TransferSyntax.ExplicitVrLittleEndian.Uid : entry.Attributes.TransferSyntaxUid;
            parts.Add(new AnswerPart($"{MediaTypeNames.Dicom}; transfer-syntax={syntax}", target.UrlOf(entry), convert
                ? await ConvertedAsync(new InstanceReader(target.Objects), entry, cancellation)
                : new StoredPayload(target.Objects, entry.Data)));
        }
        var tag = Representation.Tag(chosen.ConvertAll(pair => pair.Entry), multipart ? $"instances:{string.Concat(chosen.Select(pair => pair.Convert ? 'e' : 's'))}:{target.DicomWebUrl}" : chosen[0].Convert ? "ele" : "stored");
        return multipart
            ? PayloadAnswer.Multipart(parts, MediaTypeNames.Dicom, boundaries.Of(tag), tag, partial: chosen.Count < target.View.Instances.Count)
            : PayloadAnswer.Single(parts[0], tag);
    }

    // The length must be known before the first byte; the bytes themselves are made again when their turn comes.
    private static async ValueTask<Payload> ConvertedAsync(InstanceReader instances, InstanceEntry entry, CancellationToken cancellation)
    {
        var converted = await instances.ToExplicitLittleEndianAsync(entry, cancellation);
        return new LazyPayload(converted.Length, later => instances.ToExplicitLittleEndianAsync(entry, later));
    }

    private static List<(InstanceEntry Entry, bool Convert)> Choose(WadoTarget target, EncodingChoice choice)
    {
        var chosen = new List<(InstanceEntry, bool)>(target.View.Instances.Count);
        foreach (var entry in target.View.Instances)
        {
            if (target.Damaged.Contains(entry))
            {
                continue;
            }
            if (choice.For(TransferSyntax.Get(entry.Attributes.TransferSyntaxUid), entry.Frames.Layout != FrameLayout.None) is { } convert)
            {
                chosen.Add((entry, convert));
            }
        }
        return chosen;
    }

    private static string NamesOf(WadoTarget target) =>
        string.Concat(target.View.Instances.Select(entry => entry.Attributes.TransferSyntaxUid).Distinct().Take(8).Select(uid => $", {uid}"));
}
