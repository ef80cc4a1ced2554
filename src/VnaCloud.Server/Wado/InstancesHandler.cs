using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Wado.Pixels;

namespace VnaCloud.Server.Wado;

/// <summary>Instances as stored or in another transfer syntax, in multipart, alone, or as a ZIP of a study or series.</summary>
internal sealed class InstancesHandler(WadoTarget.Reader reader, BoundaryMaker boundaries, Transcoder transcoder)
{
    private const string Segmentation = "1.2.840.10008.5.1.4.1.1.66.4";
    private const string LabelMap = "1.2.840.10008.5.1.4.1.1.66.7";
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
        if (!Visitor.Of(context).MayDownload && !IsForViewers(target))
        {
            return new Problem(StatusCodes.Status403Forbidden, "These images may be looked at, and not taken away.");
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
                $"The stored transfer syntax cannot be changed into one of the accepted. Supported: transfer-syntax=*{NamesOf(target)}{WhyNot(target)}.");
        }
        if (offer == Zip && target.Damaged.Count > 0)
        {
            return WadoTarget.DamagedProblem; // a ZIP cannot say that something is left out
        }
        return offer == Zip ? new ZipAnswer(chosen.ConvertAll(choice => choice.Entry), target.Objects)
            : await AnswerAsync(context, target, choice, chosen, offer.Multipart);
    }

    // What has no pixels, and segmentations, viewers can only read whole.
    private static bool IsForViewers(WadoTarget target) => target.Level == QueryLevel.Instance
        && (target.Instance.Frames.Layout == FrameLayout.None || target.Instance.Attributes.SopClassUid is Segmentation or LabelMap);

    /// <summary>An instance, and the syntax to give it in.</summary>
    private readonly record struct Choice(InstanceEntry Entry, TransferSyntax Syntax)
    {
        public bool IsStored => Syntax.Uid == Entry.Attributes.TransferSyntaxUid;

        /// <summary>Native pixels, or none: no frame has to be looked at.</summary>
        public bool IsRewritten => !IsStored && Syntax.Uid == TransferSyntax.ExplicitVrLittleEndian.Uid && Entry.Frames.Layout != FrameLayout.Encapsulated;

        public bool IsTranscoded => !IsStored && !IsRewritten;
    }

    private async Task<IResult> AnswerAsync(HttpContext context, WadoTarget target, EncodingChoice choice, List<Choice> chosen, bool multipart)
    {
        var cancellation = context.RequestAborted;
        var tag = TagOf(target, chosen, multipart);
        if (chosen.Exists(static choice => choice.IsTranscoded))
        {
            return Conditional.IsNotModified(context.Request, tag) ? PayloadAnswer.Known(tag) : await StreamedAsync(context, target, choice, chosen, multipart);
        }
        var parts = new List<AnswerPart>(chosen.Count);
        foreach (var one in chosen)
        {
            parts.Add(new AnswerPart(TypeOf(one), target.UrlOf(one.Entry), await PayloadAsync(target, one, cancellation)));
        }
        return multipart ? PayloadAnswer.Multipart(parts, MediaTypeNames.Dicom, boundaries.Of(tag), tag, chosen.Count < target.View.Instances.Count) : PayloadAnswer.Single(parts[0], tag);
    }

    private async Task<IResult> StreamedAsync(HttpContext context, WadoTarget target, EncodingChoice choice, List<Choice> chosen, bool multipart)
    {
        var ahead = new InstancesAhead(transcoder);
        while (!await ahead.MakeAsync(target.Objects, chosen.Where(static one => one.IsTranscoded).Select(static one => (one.Entry, one.Syntax)), context.RequestAborted))
        {
            // Stored forms, where they are accepted too; else the others without it.
            chosen = Choose(target, choice, ahead.HasFailed);
        }
        if (chosen.Count == 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(ahead.Failure!); // nothing is left to give: the reason is the answer
        }
        if (ahead.Failure is not null)
        {
            context.Response.Headers.Append(HeaderNames.Warning, "299 vnacloud: Frames of some instances cannot be decoded: transfer-syntax=* gives them as they are stored.");
        }
        var tag = TagOf(target, chosen, multipart);
        var parts = chosen.ConvertAll(one => new StreamedPart(TypeOf(one), target.UrlOf(one.Entry), (output, token) =>
            one.IsTranscoded ? ahead.WriteAsync(target.Objects, one.Entry, one.Syntax, output, token) : WriteAsync(target, one, output, token)));
        return multipart ? StreamedAnswer.Multipart(parts, MediaTypeNames.Dicom, boundaries.Of(tag), tag, chosen.Count < target.View.Instances.Count) : StreamedAnswer.Single(parts[0], tag);
    }

    private static EntityTagHeaderValue TagOf(WadoTarget target, List<Choice> chosen, bool multipart)
    {
        var form = multipart ? $"instances:{string.Concat(chosen.Select(choice => choice.IsStored ? "s" : choice.IsRewritten ? "e" : $"{choice.Syntax.Uid},"))}:{target.DicomWebUrl}"
            : chosen[0].IsStored ? "stored" : chosen[0].IsRewritten ? "ele" : chosen[0].Syntax.Uid;
        return Representation.Tag(chosen.ConvertAll(choice => choice.Entry), form);
    }

    private static async Task WriteAsync(WadoTarget target, Choice choice, PipeWriter output, CancellationToken cancellation)
    {
        var payload = await PayloadAsync(target, choice, cancellation);
        await payload.WriteAsync(output, 0, payload.Length, cancellation);
    }

    private static string TypeOf(in Choice choice) => $"{MediaTypeNames.Dicom}; transfer-syntax={choice.Syntax.Uid}";

    // The length must be known before the first byte; the bytes themselves are made again when their turn comes.
    private static async ValueTask<Payload> PayloadAsync(WadoTarget target, Choice choice, CancellationToken cancellation)
    {
        if (choice.IsStored)
        {
            return new StoredPayload(target.Objects, choice.Entry.Data);
        }
        var instances = new InstanceReader(target.Objects);
        var converted = await instances.ToExplicitLittleEndianAsync(choice.Entry, cancellation);
        return new LazyPayload(converted.Length, later => instances.ToExplicitLittleEndianAsync(choice.Entry, later));
    }

    private List<Choice> Choose(WadoTarget target, EncodingChoice choice, Predicate<InstanceEntry>? hasFailed = null)
    {
        var chosen = new List<Choice>(target.View.Instances.Count);
        foreach (var entry in target.View.Instances)
        {
            if (target.Damaged.Contains(entry))
            {
                continue;
            }
            if (choice.For(TransferSyntax.Get(entry.Attributes.TransferSyntaxUid), asked => hasFailed?.Invoke(entry) != true && transcoder.WhyNotWhole(entry, asked) is null) is { } syntax)
            {
                chosen.Add(new Choice(entry, syntax));
            }
        }
        return chosen;
    }

    // Of the first instance: what is in the way of decoding it, else what can be had.
    private string WhyNot(WadoTarget target) => transcoder.WhyNotWhole(target.View.Instances[0], TransferSyntax.ExplicitVrLittleEndian) is { } why
        ? $". {why}" : string.Concat(Transcoder.Targets.Where(syntax => transcoder.WhyNot(target.View.Instances[0], syntax) is null).Select(syntax => $", {syntax.Uid}"));

    private static string NamesOf(WadoTarget target) =>
        string.Concat(target.View.Instances.Select(entry => entry.Attributes.TransferSyntaxUid).Distinct().Take(8).Select(uid => $", {uid}"));
}
