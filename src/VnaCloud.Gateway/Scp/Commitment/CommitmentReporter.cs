using System.Collections.Concurrent;
using System.Threading.Channels;
using VnaCloud.DicomWeb;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Scp.Commitment;

/// <summary>
/// Pays what <see cref="CommitmentLog"/> owes: waits until the spool has sent the instances, asks the archive, and reports until the device has taken it
/// (checklist gateway B50 to B55). Local custody alone is never a commitment.
/// </summary>
internal sealed partial class CommitmentReporter(
    CommitmentLog log, CommitmentJudge judge, ReportSender sender, ObjectSpool spool, TimeProvider time, ILogger<CommitmentReporter> logger) : BackgroundService
{
    /// <summary>Longest wait for instances that are in the spool; what was not sent then is reported as not there.</summary>
    public static readonly TimeSpan SpoolPatience = TimeSpan.FromHours(1);

    private static readonly RetryPolicy Pauses = new() { FirstPause = TimeSpan.FromSeconds(2), LongestPause = TimeSpan.FromMinutes(5) };
    private static readonly TimeSpan SpoolPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Alarm = TimeSpan.FromHours(6);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, DimseAssociation> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Attempts, DateTimeOffset NotBefore)> _tries = new(StringComparer.Ordinal);

    private enum Payment
    {
        Done,

        /// <summary>The spool has not sent all of it yet.</summary>
        TooEarly,
        Failed,
    }

    /// <summary>A device may take reports over this association: it asked over it, or opened it for that.</summary>
    public void Connected(DimseAssociation association)
    {
        _open[association.CallingAeTitle] = association;
        _wake.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitAsync(await PayAllAsync(stoppingToken), stoppingToken);
        }
    }

    private async Task WaitAsync(TimeSpan most, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time for the next look.
        }
    }

    // Gives the time until something is due again.
    private async Task<TimeSpan> PayAllAsync(CancellationToken stopping)
    {
        var next = Pauses.LongestPause;
        var failed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, record) in log.Open.OrderBy(open => open.Value.At))
        {
            var now = time.GetUtcNow();
            var (attempts, notBefore) = _tries.GetValueOrDefault(key);
            // A device that cannot be reached is tried once a round: others must not wait for each of its time limits.
            if ((now >= notBefore || _open.ContainsKey(record.RemoteAe)) && !failed.Contains(record.RemoteAe))
            {
                var payment = await PayAsync(key, record, stopping);
                if (payment == Payment.Done)
                {
                    _tries.Remove(key);
                    continue;
                }
                if (payment == Payment.Failed)
                {
                    attempts++;
                    failed.Add(record.RemoteAe);
                }
                notBefore = time.GetUtcNow() + (payment == Payment.Failed ? Pauses.Pause(attempts, null) : SpoolPause);
                _tries[key] = (attempts, notBefore);
                if (now - record.At > Alarm)
                {
                    Log.Late(logger, record.RemoteAe, record.TransactionUid, now - record.At);
                }
            }
            var pause = notBefore - time.GetUtcNow();
            next = pause < next ? pause : next;
        }
        foreach (var (remote, association) in _open)
        {
            if (association.Completion.IsCompleted)
            {
                _open.TryRemove(KeyValuePair.Create(remote, association));
            }
        }
        return next > TimeSpan.Zero ? next : TimeSpan.FromMilliseconds(100);
    }

    private async Task<Payment> PayAsync(string key, CommitmentRecord record, CancellationToken stopping)
    {
        try
        {
            if (!record.IsJudged)
            {
                if (time.GetUtcNow() - record.At < SpoolPatience && record.Items.Any(item => spool.IsUnsent(item.SopInstanceUid)))
                {
                    return Payment.TooEarly;
                }
                if (await judge.JudgeAsync(record, stopping) is not { } judged)
                {
                    return Payment.Failed;
                }
                log.Put(record = judged);
            }
            if (!await sender.SendAsync(record, _open.GetValueOrDefault(record.RemoteAe), stopping))
            {
                return Payment.Failed;
            }
            log.Remove(key);
        }
        catch (IOException disk)
        {
            Log.DiskFailed(logger, record.TransactionUid, disk.Message);
            return Payment.Failed;
        }
        Log.Reported(logger, record.RemoteAe, record.TransactionUid, record.Items.Count, record.Items.Count(item => item.Failure != 0));
        return Payment.Done;
    }

    private static partial class Log
    {
        [LoggerMessage(4232, LogLevel.Information, "Reported commitment {Transaction} to {RemoteAe}: {Count} instances, {Failed} not committed")]
        public static partial void Reported(ILogger logger, string remoteAe, string transaction, int count, int failed);

        [LoggerMessage(4233, LogLevel.Error, "{RemoteAe} waits for the report of commitment {Transaction} since {Since}: see its host and port in Gateway:RemoteAes, and whether the archive answers")]
        public static partial void Late(ILogger logger, string remoteAe, string transaction, TimeSpan since);

        [LoggerMessage(4236, LogLevel.Error, "Commitment {Transaction} cannot be kept on the disk: {Reason}")]
        public static partial void DiskFailed(ILogger logger, string transaction, string reason);
    }
}
