using System.Diagnostics;
using VnaCloud.Dicom;
using VnaCloud.Dimse;

namespace VnaCloud.Gateway.Spool;

/// <summary>
/// Takes objects in so that they survive, and keeps them until the archive has confirmed them. What is on the disk is all there is: the queue in
/// memory is made of it at every start.
/// </summary>
internal sealed partial class ObjectSpool : IDisposable
{
    private readonly SpoolOptions _options;
    private readonly Func<DicomReader, ForwardRoute> _route;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SpoolFolders _folders;
    private readonly ReceiptSequence _receipts;
    private readonly Dictionary<string, DestinationQueue> _queues;
    private readonly SpoolMeter _meter = new();
    private readonly LocalCopies _copies = new();
    private readonly UnsentInstances _unsent = new();
    private readonly IReadOnlyList<Receipt> _found;
    private volatile bool _failed;

    /// <param name="options">Where, and how much.</param>
    /// <param name="route">Where an object goes, by what its header says; the same for the same object.</param>
    /// <param name="destinations">All that <paramref name="route"/> may name, and how they are sent to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For what somebody should know.</param>
    /// <exception cref="IOException">The folder cannot be made, or another process has it.</exception>
    public ObjectSpool(SpoolOptions options, Func<DicomReader, ForwardRoute> route, IReadOnlyDictionary<string, BatchLimits> destinations, TimeProvider time, ILogger<ObjectSpool> logger)
    {
        (_options, _route, _time, _logger) = (options, route, time, logger);
        _receipts = new ReceiptSequence(time);
        _folders = new SpoolFolders(options.Path);
        Space = new SpoolSpace(_folders, options, time);
        Quarantine = new Quarantine(_folders);
        _queues = destinations.ToDictionary(pair => pair.Key, pair => new DestinationQueue(pair.Key, pair.Value, _receipts, time), StringComparer.Ordinal);
        _found = [.. _folders.AllQueued()];
        foreach (var receipt in _found.Concat(_folders.AllQuarantined()).Concat(_folders.AllSent()))
        {
            _receipts.Follow(receipt);
        }
        _meter.Observe(this, options, time);
    }

    /// <summary>One for each destination.</summary>
    public IReadOnlyCollection<DestinationQueue> Queues => _queues.Values;

    public Quarantine Quarantine { get; }

    public SpoolSpace Space { get; }

    /// <summary>Whether all that an earlier process left is in the queue.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Why objects are refused; null while they are taken.</summary>
    public string? NotReady => _failed ? "The spool's disk fails." : Space.Pressure() == Pressure.Hard ? "The spool is full." : null;

    /// <summary>Puts what an earlier process left into the queue, the oldest first. Receiving and forwarding need not wait for it.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        Quarantine.Load();
        foreach (var receipt in _found)
        {
            try
            {
                var spooled = await ObjectFacts.ReadAsync(receipt, _folders.Queued(receipt), _route, cancellation);
                Enqueue(spooled);
            }
            catch (FileNotFoundException)
            {
                // Somebody took it away.
            }
            catch (Exception damaged) when (damaged is DicomFormatException or IOException)
            {
                // It was whole when it was acknowledged: the disk is to blame, and somebody has to look.
                SetAside(receipt, new QuarantineEntry(receipt.ToString(), _time.GetUtcNow(), $"The file cannot be read any more: {damaged.Message}", 0, "", 0));
            }
        }
        IsLoaded = true;
        Log.Loaded(_logger, _folders.Root, _found.Count, Quarantine.Count);
        foreach (var receipt in _folders.AllSent())
        {
            try
            {
                _copies.Sent(receipt, (await ObjectFacts.ReadAsync(receipt, _folders.Sent(receipt), _route, cancellation)).StudyUid, receipt.Time);
            }
            catch (Exception damaged) when (damaged is DicomFormatException or IOException)
            {
                File.Delete(_folders.Sent(receipt));
            }
        }
    }

    /// <summary>
    /// Receives one object. When the outcome is <see cref="ReceiveState.Stored"/> it is on the disk, file and name, and only then may 0000H be answered.
    /// With any other nothing of it is left; what was not read of the data set then is the caller's to pass over.
    /// </summary>
    /// <param name="from">What the association and the request say.</param>
    /// <param name="dataSet">The data set in the transfer syntax of <paramref name="from"/>, to its end. What it throws goes to the caller, and nothing is stored.</param>
    /// <param name="cancellation">Gives up; nothing is stored.</param>
    public async Task<ReceiveOutcome> ReceiveAsync(ReceivedFrom from, Stream dataSet, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var receipt = _receipts.Next();
        ReceiveOutcome outcome;
        long length = 0;
        if (Space.Pressure() == Pressure.Hard && !GiveUpCopies())
        {
            outcome = new ReceiveOutcome(ReceiveState.OutOfResources, receipt, "The gateway's spool is full; send again later");
        }
        else
        {
            (outcome, length) = await StoreAsync(receipt, from, dataSet, cancellation);
        }
        _meter.Received(outcome.State, length, _time.GetElapsedTime(started));
        if (outcome.State == ReceiveState.Stored)
        {
            Log.Stored(_logger, receipt, from.CallingAe, from.CalledAe, from.Peer, from.SopInstanceUid, length);
        }
        else
        {
            Log.Refused(_logger, receipt, from.CallingAe, from.CalledAe, from.Peer, from.SopInstanceUid, outcome.DimseStatus, outcome.Comment);
        }
        return outcome;
    }

    /// <summary>Whether an object of this instance waits to be sent.</summary>
    public bool IsUnsent(string sopInstanceUid) => _unsent.Has(sopInstanceUid);

    /// <summary>The file of an object that is queued.</summary>
    public string PathOf(SpooledObject spooled) => _folders.Queued(spooled.Receipt);

    /// <summary>Where a compressed copy of it may be made for the time of a request.</summary>
    public string OutgoingPathOf(SpooledObject spooled) => _folders.Outgoing(spooled.Receipt);

    /// <summary>Objects of a study whose files are here, with their files, in the order of their receipt.</summary>
    public async Task<IReadOnlyList<(SpooledObject Object, string Path)>> LocalCopiesAsync(string studyUid, CancellationToken cancellation)
    {
        var copies = new List<(SpooledObject, string)>();
        foreach (var receipt in _copies.OfStudy(studyUid))
        {
            // It may be confirmed and so move meanwhile, or its time may end.
            foreach (var path in new[] { _folders.Queued(receipt), _folders.Sent(receipt) }.Where(File.Exists))
            {
                try
                {
                    copies.Add((await ObjectFacts.ReadAsync(receipt, path, _route, cancellation), path));
                    break;
                }
                catch (FileNotFoundException)
                {
                }
            }
        }
        return copies;
    }

    /// <summary>The archive has it, by its own word: the file is kept for the grace time, and not needed.</summary>
    public void Confirm(SpooledObject spooled)
    {
        if (_options.KeepSentMinutes == 0)
        {
            File.Delete(_folders.Queued(spooled.Receipt));
            _copies.Remove(spooled.Receipt, spooled.StudyUid);
        }
        else
        {
            // Lost in a crash, it is sent again, and the archive has it already.
            Posix.Rename(_folders.Queued(spooled.Receipt), _folders.Sent(spooled.Receipt));
            _copies.Sent(spooled.Receipt, spooled.StudyUid, _time.GetUtcNow());
        }
        Forget(spooled);
        if (Space.Pressure() != Pressure.None)
        {
            // Room now, not at the next sweep: devices that are refused need not come back in vain.
            GiveUpCopies();
        }
    }

    /// <summary>Sets an object aside that the archive does not take as it is.</summary>
    public void SetAside(SpooledObject spooled, string reason, int code)
    {
        if (!File.Exists(_folders.Queued(spooled.Receipt)))
        {
            Log.Missing(_logger, spooled.Receipt);
            Forget(spooled);
            return;
        }
        SetAside(spooled.Receipt, new QuarantineEntry(spooled.Receipt.ToString(), _time.GetUtcNow(), reason, code, spooled.CallingAe, spooled.Length));
        _copies.Remove(spooled.Receipt, spooled.StudyUid);
        Forget(spooled);
    }

    /// <summary>Removes copies whose grace time is over, and more of them while the disk is low.</summary>
    public void Sweep()
    {
        var before = _time.GetUtcNow() - TimeSpan.FromMinutes(_options.KeepSentMinutes);
        while (_copies.TryTakeSent(before, out var receipt))
        {
            File.Delete(_folders.Sent(receipt));
        }
        var pressure = Space.Pressure();
        if (pressure != Pressure.None)
        {
            GiveUpCopies();
            Log.Low(_logger, Space.FreeBytes(), Space.UnsentBytes);
        }
    }

    public void Dispose()
    {
        _folders.Dispose();
        _meter.Dispose();
    }

    private async Task<(ReceiveOutcome Outcome, long Length)> StoreAsync(Receipt receipt, ReceivedFrom from, Stream dataSet, CancellationToken cancellation)
    {
        var traceParent = Activity.Current?.Id;
        using var activity = GatewayActivity.Source.StartActivity("spool write");
        try
        {
            using var file = new SpoolFile(_folders, receipt);
            var meta = ReceivedFileMeta.Encode(new StoreInstance(from.SopClassUid, from.SopInstanceUid), from.TransferSyntaxUid, from.CallingAe, from.CalledAe);
            using var source = new ReceivedSource(meta, dataSet, file, _options.MaxObjectBytes);
            await using var reader = ObjectFacts.Open(source);
            await reader.ReadFileMetaAsync(cancellation);
            await reader.ReadDataSetAsync(cancellation);
            await source.FinishAsync(cancellation);
            if (IdentityCheck.Find(reader, from, meta.Length) is { } problem)
            {
                return (new ReceiveOutcome(problem.State, receipt, problem.Comment), 0);
            }
            var spooled = ObjectFacts.Of(reader, receipt, file.Length, _route(reader)) with { TraceParent = traceParent };
            if (traceParent is not null)
            {
                file.Trace(traceParent);
            }
            await file.CommitAsync();
            activity?.SetTag("vna.object.size", file.Length);
            _failed = false;
            Enqueue(spooled);
            return (new ReceiveOutcome(ReceiveState.Stored, receipt), file.Length);
        }
        catch (DicomFormatException unreadable)
        {
            return (new ReceiveOutcome(ReceiveState.CannotUnderstand, receipt, unreadable.Message), 0);
        }
        catch (SpoolDiskException disk)
        {
            Space.LookAgain();
            _failed = !disk.IsFull;
            Log.DiskFailed(_logger, disk.Message);
            return (new ReceiveOutcome(ReceiveState.OutOfResources, receipt, disk.IsFull ? "The gateway's disk is full; send again later" : "The gateway's disk fails"), 0);
        }
    }

    private void Enqueue(SpooledObject spooled)
    {
        Space.Add(spooled.Length);
        _copies.Add(spooled.Receipt, spooled.StudyUid);
        _unsent.Add(spooled.SopInstanceUid);
        _queues[spooled.Route.Destination].Add(spooled);
    }

    private void Forget(SpooledObject spooled)
    {
        Space.Remove(spooled.Length);
        _unsent.Remove(spooled.SopInstanceUid);
        _queues[spooled.Route.Destination].Release(spooled);
    }

    private void SetAside(Receipt receipt, QuarantineEntry entry)
    {
        Quarantine.Add(receipt, entry);
        Log.Quarantined(_logger, receipt, entry.Reason, entry.Code);
    }

    // Copies of what the archive has are worth less than what it has not: whether there is room now.
    private bool GiveUpCopies()
    {
        while (Space.FreeBytes() < _options.LowFreeBytes && _copies.TryTakeSent(DateTimeOffset.MaxValue, out var receipt))
        {
            File.Delete(_folders.Sent(receipt));
            Space.LookAgain();
        }
        return Space.Pressure() != Pressure.Hard;
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "The spool {Root} has {Queued} objects to forward and {Quarantined} that wait for somebody")]
        public static partial void Loaded(ILogger logger, string root, int queued, int quarantined);

        [LoggerMessage(4002, LogLevel.Information, "Stored {Receipt} from {CallingAe} to {CalledAe} at {Peer}: {SopInstanceUid}, {Bytes} bytes")]
        public static partial void Stored(ILogger logger, Receipt receipt, string callingAe, string calledAe, string peer, string sopInstanceUid, long bytes);

        [LoggerMessage(4003, LogLevel.Warning, "Refused {Receipt} from {CallingAe} to {CalledAe} at {Peer}: {SopInstanceUid}, status {Status:X4}H, {Comment}")]
        public static partial void Refused(ILogger logger, Receipt receipt, string callingAe, string calledAe, string peer, string sopInstanceUid, ushort status, string comment);

        [LoggerMessage(4004, LogLevel.Error, "The spool's disk does not take an object: {Reason}")]
        public static partial void DiskFailed(ILogger logger, string reason);

        [LoggerMessage(4005, LogLevel.Warning, "The spool is getting full: {Free} bytes are free, {Unsent} bytes wait")]
        public static partial void Low(ILogger logger, long free, long unsent);

        [LoggerMessage(4007, LogLevel.Error, "The file of {Receipt} was taken away before it was forwarded")]
        public static partial void Missing(ILogger logger, Receipt receipt);

        [LoggerMessage(4006, LogLevel.Error, "Quarantined {Receipt}: {Reason} ({Code})")]
        public static partial void Quarantined(ILogger logger, Receipt receipt, string reason, int code);
    }
}
