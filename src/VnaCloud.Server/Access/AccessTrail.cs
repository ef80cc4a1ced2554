using System.Threading.Channels;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Access;

/// <summary>
/// Writes access records, in batches behind the answers: a record is in the index within a tenth of a second, or waits while the index does not
/// answer. Reads and stores of one study by one visitor within minutes are one access.
/// </summary>
internal sealed partial class AccessTrail(ArchiveHost archive, TimeProvider time, ILogger<AccessTrail> logger) : BackgroundService
{
    private const int MaxWaiting = 100_000;
    private const int Batch = 500;
    private const int MaxSource = 64;
    private const int MaxWho = 256;
    private static readonly TimeSpan OneAccess = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(2);

    private readonly Channel<Entry> _waiting = Channel.CreateBounded<Entry>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly RecentAnswers<(string Who, string Source, string Action, string Study, string Outcome), bool> _met = new(OneAccess, 50_000, time);
    private long _lost;
    private int _withoutPatient;

    /// <summary>Records what was done, or refused, by a request.</summary>
    public void Add(Visit visit)
    {
        var (action, outcome) = (visit.Rule?.Action ?? "", OutcomeOf(visit.Status));
        // Pages hold no data: only who is known and went where he may not is worth a record.
        if (action.Length == 0 && (outcome != "refused" || visit.Visitor is null))
        {
            return;
        }
        foreach (var study in visit.Studies())
        {
            Add(new AccessRecord
            {
                Id = Ulid.New(time),
                Action = action.Length == 0 ? "page" : action,
                Outcome = outcome,
                Who = Cut(visit.Visitor?.Who ?? "nobody", MaxWho),
                Source = SourceOf(visit.Context),
                StudyUid = study,
                PatientId = visit.Patient.Id,
                Issuer = visit.Patient.Issuer,
            }, visit.Rule?.IsRecordedEachTime ?? false);
        }
    }

    /// <summary>Records what no route's rule says.</summary>
    public void Add(HttpContext context, string action, string outcome, string who, string study = "", string detail = "") => Add(new AccessRecord
    {
        Id = Ulid.New(time),
        Action = action,
        Outcome = outcome,
        Who = Cut(who, MaxWho),
        Source = SourceOf(context),
        StudyUid = study,
        Detail = detail,
    }, each: true);

    /// <summary>
    /// Waits until what was added before and still needs its patient is in the index, not for long where that does not answer: it finds the patient by
    /// the study, which is about to be deleted.
    /// </summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Volatile.Read(ref _withoutPatient) > 0 && _waiting.Writer.TryWrite(new Entry(null, written)))
        {
            await written.Task.WaitAsync(FlushPatience, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await Task.Delay(Gather, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WriteAsync(stoppingToken);
        }
    }

    // Behind Kestrel, which has drained its requests, and before the archive closes.
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    private async Task WriteAsync(CancellationToken stopping)
    {
        var (batch, flushes) = (new List<AccessRecord>(), new List<TaskCompletionSource>());
        while (batch.Count < Batch && _waiting.Reader.TryRead(out var entry))
        {
            if (entry.Record is { } record)
            {
                batch.Add(record);
            }
            else
            {
                flushes.Add(entry.Flush!);
            }
        }
        await WriteAsync(batch, stopping);
        Interlocked.Add(ref _withoutPatient, -batch.Count(NeedsPatient));
        flushes.ForEach(static flush => flush.TrySetResult());
    }

    private async Task WriteAsync(List<AccessRecord> batch, CancellationToken stopping)
    {
        while (batch.Count > 0)
        {
            try
            {
                if (archive.NotReady is null)
                {
                    await archive.Archive.Access.AppendAsync(TenantId.Default, batch, CancellationToken.None);
                    return;
                }
            }
            catch (IOException notNow)
            {
                Log.NotWritten(logger, batch.Count, notNow.GetType().Name);
            }
            if (stopping.IsCancellationRequested)
            {
                Log.Lost(logger, batch.Count);
                return;
            }
            await Task.Delay(Again, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Add(AccessRecord record, bool each)
    {
        if (!each && !_met.Meet((record.Who, record.Source, record.Action, record.StudyUid, record.Outcome), true))
        {
            return;
        }
        var needs = NeedsPatient(record) ? 1 : 0;
        Interlocked.Add(ref _withoutPatient, needs);
        if (_waiting.Writer.TryWrite(new Entry(record, null)))
        {
            return;
        }
        Interlocked.Add(ref _withoutPatient, -needs);
        if (Interlocked.Increment(ref _lost) is var lost && (lost & (lost - 1)) == 0)
        {
            Log.Lost(logger, lost);
        }
    }

    private static bool NeedsPatient(AccessRecord record) => record is { StudyUid.Length: > 0, PatientId.Length: 0 };

    // A record, or somebody who waits for those before.
    private readonly record struct Entry(AccessRecord? Record, TaskCompletionSource? Flush);

    private static string OutcomeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests => "refused",
        StatusCodes.Status404NotFound or StatusCodes.Status410Gone => "not found",
        >= StatusCodes.Status400BadRequest => "failed",
        _ => "allowed",
    };

    private static string SourceOf(HttpContext context) => Cut(context.Connection.RemoteIpAddress?.ToString() ?? "", MaxSource);

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most];

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Warning, "{Count} access records cannot be written now ({Failure}); they wait")]
        public static partial void NotWritten(ILogger logger, int count, string failure);

        [LoggerMessage(8002, LogLevel.Error, "{Count} access records are lost: the index did not take them")]
        public static partial void Lost(ILogger logger, long count);
    }
}
