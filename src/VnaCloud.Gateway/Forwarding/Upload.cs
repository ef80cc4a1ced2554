using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using VnaCloud.DicomWeb;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>Sends one batch and does with each of its objects what the answer says. Only the archive's own word for an instance releases it.</summary>
internal sealed partial class Upload(Destination destination, ObjectSpool spool, Bandwidth bandwidth, OutgoingForms forms, ForwardingMeter meter, ILogger logger)
{
    // A processing failure (0110H) says little: long enough that the archive was mended meanwhile, then somebody should look.
    private const int PerhapsAttempts = 20;

    private readonly DestinationQueue _queue = destination.Queue;

    /// <param name="batch">Taken from the queue; goes back there, or is done.</param>
    /// <param name="ticket">Of the breaker.</param>
    /// <param name="cancellation">The gateway stops: the files stay as they are.</param>
    public async Task RunAsync(Batch batch, int ticket, CancellationToken cancellation)
    {
        using var activity = Begin(batch);
        using var prepared = await forms.PrepareAsync(batch, cancellation);
        var result = await destination.Client.StoreAsync([.. batch.Objects.Select(spooled => Outgoing(spooled, prepared.Find(spooled)))], Headers(batch, prepared, activity), cancellation);
        if (result.IsSuccess)
        {
            Settle(batch, prepared, result.Value, ticket);
        }
        else
        {
            activity?.SetTag("error.type", result.Error.Fault.ToString()).SetStatus(ActivityStatusCode.Error);
            Fail(batch, prepared, result.Error, ticket);
        }
    }

    // One object goes on in the trace of its C-STORE; of several the request is a trace of its own, linked to theirs.
    private Activity? Begin(Batch batch)
    {
        if (!GatewayActivity.Source.HasListeners())
        {
            return null;
        }
        var traces = batch.Objects.Select(static spooled => ActivityContext.TryParse(spooled.TraceParent, null, isRemote: true, out var context) ? context : default).ToList();
        var activity = traces is [var only] && only.TraceId != default
            ? GatewayActivity.Source.StartActivity("upload", ActivityKind.Internal, only)
            : GatewayActivity.Root("upload", ActivityKind.Internal, traces);
        return activity?.SetTag("vna.gateway.destination", destination.Options.Name).SetTag("vna.gateway.batch", batch.Id.ToString())
            .SetTag("vna.instances", batch.Objects.Count).SetTag("vna.object.size", batch.Bytes);
    }

    private OutgoingInstance Outgoing(SpooledObject spooled, CompressedObject? compressed)
    {
        var file = OutgoingInstance.File(spooled.SopInstanceUid, compressed?.Path ?? spool.PathOf(spooled), compressed?.Length ?? spooled.Length);
        return file with { Open = async cancellation => new SentStream(await file.Open(cancellation), bandwidth, destination.Window) };
    }

    // Each object's receipt goes with it, so that it can be followed from the scanner into the archive.
    private static KeyValuePair<string, string>[] Headers(Batch batch, OutgoingBatch prepared, Activity? activity) =>
    [
        .. Digests(batch, prepared),
        new("Idempotency-Key", batch.Id + prepared.Key(batch)),
        new("X-Request-Id", string.Join(',', batch.Objects.Select(spooled => spooled.Receipt))),
        // Where there is a span, the client sends that.
        .. activity is not null ? [] : TraceOf(batch),
    ];

    private static KeyValuePair<string, string>[] TraceOf(Batch batch) =>
    [
        new("traceparent", string.Create(CultureInfo.InvariantCulture, $"00-{batch.Id.Value:x32}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}-01")),
    ];

    private static IEnumerable<KeyValuePair<string, string>> Digests(Batch batch, OutgoingBatch prepared)
    {
        var digests = batch.Objects.Select(spooled => (spooled.Receipt, prepared.Find(spooled)?.Digest)).Where(one => one.Digest is not null).Select(one => $"{one.Receipt}=sha-256:{one.Digest}").ToList();
        return digests.Count == 0 ? [] : [new("X-Original-Digest", string.Join(',', digests))];
    }

    private void Settle(Batch batch, OutgoingBatch prepared, StowAnswer answer, int ticket)
    {
        var later = new List<SpooledObject>();
        var refused = new List<SpooledObject>();
        var unnamed = new List<SpooledObject>();
        var asReceived = new List<SpooledObject>();
        foreach (var (spooled, outcome) in batch.Objects.Zip(answer.Outcomes))
        {
            if (outcome.IsStored)
            {
                Confirm(spooled, outcome);
            }
            else if (outcome.State == StoreState.NotNamed && batch.Objects.Count > 1)
            {
                unnamed.Add(spooled);
            }
            else if (prepared.Find(spooled) is not null && IsRefused(outcome))
            {
                // Perhaps it takes the original, or has it already: nothing is held against the object before that was tried.
                forms.SendAsReceived(spooled);
                asReceived.Add(spooled);
            }
            else
            {
                // Alone in its request, a failure without a name can be no one else's.
                var failure = outcome.State == StoreState.NotNamed && answer.OtherFailures.Count > 0 ? answer.OtherFailures[0] : outcome;
                (Refuse(batch, spooled, failure) switch { Verdict.Later => later, Verdict.Refused => refused, _ => [] }).Add(spooled);
            }
        }
        if (later.Count == batch.Objects.Count)
        {
            destination.Breaker.Stumbled(ticket, "The archive has no room, or takes nothing from this gateway.");
        }
        else
        {
            destination.Breaker.Succeeded();
        }
        Again(batch, later, failures: batch.Failures + 1, batch.Rejections);
        Again(batch, refused, batch.Failures, rejections: batch.Rejections + 1);
        if (asReceived.Count > 0)
        {
            _queue.Return(batch, asReceived, int.MaxValue, TimeSpan.Zero);
        }
        if (unnamed.Count > 0)
        {
            _queue.Return(batch, unnamed, size: 1, TimeSpan.Zero);
        }
    }

    private static bool IsRefused(InstanceOutcome outcome) =>
        outcome.State == StoreState.NotNamed || Classification.Of(outcome.Reason) is Verdict.Refused or Verdict.Conflict;

    private void Confirm(SpooledObject spooled, InstanceOutcome outcome)
    {
        try
        {
            spool.Confirm(spooled);
        }
        catch (IOException failure)
        {
            // It stays and is sent again after a restart; the archive will have it already.
            Log.NotReleased(logger, spooled.Receipt, failure.Message);
        }
        forms.Forget(spooled);
        meter.Forwarded(destination.Options.Name, spooled.Length);
        if (outcome.State == StoreState.StoredWithWarning)
        {
            Log.Warned(logger, spooled.Receipt, outcome.Reason, outcome.Comment);
        }
    }

    // What becomes of it: Later and Refused are tried again, the others are set aside already.
    private Verdict Refuse(Batch batch, SpooledObject spooled, InstanceOutcome failure)
    {
        var verdict = failure.State == StoreState.NotNamed ? Verdict.Refused : Classification.Of(failure.Reason);
        var reason = failure.State == StoreState.NotNamed ? "The archive's answer does not name it." : $"The archive refuses it: {failure.Reason:X4}H {failure.Comment}";
        meter.Failed(destination.Options.Name, verdict.ToString());
        switch (verdict)
        {
            case Verdict.Later:
            case Verdict.Perhaps when batch.Failures + 1 < PerhapsAttempts:
                return Verdict.Later;
            case Verdict.Refused when batch.Rejections + 1 < destination.Options.QuarantineAfter:
                return Verdict.Refused;
            default:
                forms.Forget(spooled);
                spool.SetAside(spooled, reason, failure.Reason);
                return Verdict.Conflict;
        }
    }

    private void Fail(Batch batch, OutgoingBatch prepared, WebError error, int ticket)
    {
        var blame = Classification.Of(error);
        meter.Failed(destination.Options.Name, error.Fault.ToString());
        Log.Failed(logger, batch.Id, destination.Options.Name, batch.Objects.Count, error.Message, batch.Failures + batch.Rejections + 1);
        var halves = Math.Max(1, (batch.Objects.Count + 1) / 2);
        switch (blame)
        {
            case Blame.Destination:
                if (destination.Breaker.Failed(ticket, error.Message, error.RetryAfter) && (error.Fault is WebFault.TooManyRequests or WebFault.Unavailable or WebFault.Timeout))
                {
                    destination.Window.Halve();
                }
                // The breaker knows when it may be tried again: a pause of the batch's own would go on when the destination is back.
                _queue.Return(batch, batch.Objects, int.MaxValue, TimeSpan.Zero);
                break;
            case Blame.Request:
                destination.Breaker.Stumbled(ticket, error.Message);
                Again(batch, batch.Objects, batch.Failures + 1, batch.Rejections, halves);
                break;
            default:
                // The archive answers, and judges: the line is well.
                destination.Breaker.Succeeded();
                Reject(batch, prepared, error, halves);
                break;
        }
    }

    private void Reject(Batch batch, OutgoingBatch prepared, WebError error, int halves)
    {
        if (batch.Objects.Count > 1)
        {
            _queue.Return(batch, batch.Objects, halves, TimeSpan.Zero);
        }
        else if (prepared.Find(batch.Objects[0]) is not null)
        {
            forms.SendAsReceived(batch.Objects[0]);
            _queue.Return(batch, batch.Objects, 1, TimeSpan.Zero);
        }
        else if (batch.Rejections + 1 < destination.Options.QuarantineAfter)
        {
            Again(batch, batch.Objects, batch.Failures, batch.Rejections + 1);
        }
        else
        {
            forms.Forget(batch.Objects[0]);
            spool.SetAside(batch.Objects[0], error.Message, error.Status ?? 0);
        }
    }

    private void Again(Batch batch, IReadOnlyList<SpooledObject> objects, int failures, int rejections, int size = int.MaxValue)
    {
        if (objects.Count > 0)
        {
            var tried = new Batch(batch.Id, batch.Lane, batch.Objects) { Failures = failures, Rejections = rejections };
            _queue.Return(tried, objects, size, destination.Pauses.Pause(failures + rejections, null));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Warning, "Batch {Batch} for {Destination} with {Objects} objects failed: {Reason} (attempt {Attempt})")]
        public static partial void Failed(ILogger logger, Receipt batch, string destination, int objects, string reason, int attempt);

        [LoggerMessage(4302, LogLevel.Information, "The archive took {Receipt} with warning {Warning:X4}H {Comment}")]
        public static partial void Warned(ILogger logger, Receipt receipt, ushort warning, string comment);

        [LoggerMessage(4303, LogLevel.Error, "{Receipt} is confirmed, but its file cannot be moved: {Reason}")]
        public static partial void NotReleased(ILogger logger, Receipt receipt, string reason);
    }
}
