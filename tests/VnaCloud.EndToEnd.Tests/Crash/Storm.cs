using System.Diagnostics;
using System.Net;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>
/// Senders that store, store again, store other bytes under known UIDs, and delete, all at once, until the server is gone. Each keeps
/// to its own UIDs for whatever two requests could disagree on; studies, and instances sent by all alike, are shared.
/// </summary>
internal sealed class Storm(ArchiveClient client, StormModel model, int seed, int round)
{
    public const int Senders = 12;

    private const int Everyone = -1;
    private const int SharedStudies = 3;
    private const int SharedInstances = 30;
    private const int DuplicateSopInstance = 0x0111;

    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _killedAt = long.MaxValue;
    private int _inFlight;
    private int _answered;

    /// <summary>STOW requests that had begun to leave before the kill and never got an answer.</summary>
    public int InFlight => _inFlight;

    public int Answered => _answered;

    /// <summary>Lets the storm rage for a while, kills the server, and returns when the last sender has noticed.</summary>
    /// <param name="server">The server.</param>
    /// <param name="duration">How long.</param>
    /// <param name="fromFirstAnswer">Counted from the first answer; else from the first request, into a server that is still compiling.</param>
    public async Task RunAsync(ServerProcess server, TimeSpan duration, bool fromFirstAnswer)
    {
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(sender))).ToArray();
        if (fromFirstAnswer)
        {
            await await Task.WhenAny([_firstAnswer.Task, .. senders]);
        }
        await Task.Delay(duration);
        Volatile.Write(ref _killedAt, Stopwatch.GetTimestamp());
        await server.Kill9();
        await Task.WhenAll(senders);
    }

    private async Task SendAsync(int sender)
    {
        var random = new Random(HashCode(sender));
        var own = model.Entries.Where(entry => entry.Owner == sender).OrderBy(entry => entry.Instance.Sop, StringComparer.Ordinal).ToList();
        for (var step = 0; ; step++)
        {
            var goOn = random.Next(100) switch
            {
                < 58 => await StoreAsync(Fresh(random, sender, step, own)),
                < 70 => await StoreAsync(SharedByAll(random)),
                < 84 => await StoreAsync(Known(random, own)),
                < 97 => await DeleteInstanceAsync(random, own),
                _ => await DeleteStudyAsync(random, own),
            };
            if (!goOn)
            {
                return;
            }
        }
    }

    private List<(StormEntry, int)> Fresh(Random random, int sender, int step, List<StormEntry> own)
    {
        var batch = new List<(StormEntry, int)>();
        var studies = random.Next(4) == 0 ? 2 : 1;
        for (var i = random.Next(1, 21); i > 0; i--)
        {
            var isPrivate = random.Next(3) == 0;
            var study = isPrivate ? $"{Uid}.9.{sender}" : $"{Uid}.{(step + random.Next(studies)) % SharedStudies}";
            var instance = new StormInstance(study, $"{study}.{random.Next(1, 4)}", $"{Uid}.5.{sender}.{step}.{i}", Side(random)) { InPrivateStudy = isPrivate };
            var entry = model.Entry(instance, sender);
            own.Add(entry);
            batch.Add((entry, 0));
        }
        return batch;
    }

    private List<(StormEntry, int)> SharedByAll(Random random)
    {
        var first = random.Next(SharedInstances);
        return [.. Enumerable.Range(first, random.Next(1, 6)).Select(i => i % SharedInstances).Select(i =>
            (model.Entry(new StormInstance($"{Uid}.{i % SharedStudies}", $"{Uid}.{i % SharedStudies}.7", $"{Uid}.6.{i}", (ushort)(20 + i)), Everyone), 0))];
    }

    // The same again, or other bytes under the same UIDs; now and then of an earlier round.
    private static List<(StormEntry, int)> Known(Random random, List<StormEntry> own) =>
        [.. Enumerable.Range(0, random.Next(1, 8)).Where(_ => own.Count > 0)
            .Select(_ => own[Recent(random, own.Count)]).Distinct().Select(entry => (entry, random.Next(StormInstance.Variants)))];

    private async Task<bool> StoreAsync(List<(StormEntry Entry, int Variant)> batch)
    {
        if (batch.Count == 0)
        {
            return true;
        }
        var body = new StowBody(batch.ConvertAll(part => part.Entry.Instance.File(part.Variant)));
        StowReply reply;
        try
        {
            reply = await client.StowAsync(body);
        }
        catch (Exception gone) when (Connection.WasLost(gone))
        {
            batch.ForEach(part => part.Entry.SentUnanswered(round, part.Variant));
            RequireKill(gone);
            if (body.StartedAt < _killedAt)
            {
                Interlocked.Increment(ref _inFlight);
            }
            return false;
        }
        Assert.True(reply.Status is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.Conflict, $"STOW in round {round}: {reply.Status}");
        foreach (var (entry, variant) in batch)
        {
            if (reply.Stored.Contains(entry.Instance.Sop))
            {
                entry.Stored(round, variant);
            }
            else
            {
                Assert.Equal(DuplicateSopInstance, reply.Failed[entry.Instance.Sop]);
                entry.Conflicted(round, variant);
            }
        }
        Interlocked.Increment(ref _answered);
        _firstAnswer.TrySetResult();
        return true;
    }

    private Task<bool> DeleteInstanceAsync(Random random, List<StormEntry> own) =>
        own.Count == 0 ? Task.FromResult(true) : DeleteAsync(own[Recent(random, own.Count)].Instance.Path, own);

    private Task<bool> DeleteStudyAsync(Random random, List<StormEntry> own)
    {
        // Only a study that nobody else stores into.
        var studies = own.Where(entry => entry.Instance.InPrivateStudy).Select(entry => entry.Instance.Study).Distinct().ToList();
        return studies.Count == 0 ? Task.FromResult(true) : DeleteAsync($"studies/{studies[Recent(random, studies.Count)]}", own);
    }

    private async Task<bool> DeleteAsync(string path, List<StormEntry> own)
    {
        var entries = own.FindAll(entry => entry.Instance.Path == path || entry.Instance.Path.StartsWith(path + "/", StringComparison.Ordinal));
        HttpStatusCode status;
        try
        {
            status = await client.DeleteAsync(path);
        }
        catch (Exception gone) when (Connection.WasLost(gone))
        {
            entries.ForEach(entry => entry.DeleteUnanswered(round));
            RequireKill(gone);
            return false;
        }
        Assert.True(status is HttpStatusCode.NoContent or HttpStatusCode.NotFound, $"DELETE in round {round}: {status}");
        foreach (var entry in entries)
        {
            if (status == HttpStatusCode.NotFound)
            {
                entry.NotThere(round);
            }
            else
            {
                entry.Gone(round);
            }
        }
        return true;
    }

    private void RequireKill(Exception gone)
    {
        if (Volatile.Read(ref _killedAt) == long.MaxValue)
        {
            throw new InvalidOperationException($"The server gave no answer in round {round}, before it was killed.", gone);
        }
    }

    private string Uid => $"2.25.{seed}.{round}";

    private int HashCode(int sender) => unchecked((((seed * 397) + round) * 397) + sender);

    private static int Recent(Random random, int count) => random.Next(3) == 0 ? random.Next(count) : random.Next(Math.Max(0, count - 40), count);

    // 16-bit pixels of a square: from under 1 KB of file to 600 KB, most of them small.
    private static ushort Side(Random random) => (ushort)(random.Next(20) switch
    {
        < 14 => random.Next(4, 64),
        < 19 => random.Next(64, 224),
        _ => random.Next(224, 548),
    });
}
