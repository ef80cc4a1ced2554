using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Archive.Tests.Upkeep;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>What a call may suffer.</summary>
internal enum Fault
{
    None,

    /// <summary>Fails, and nothing was done.</summary>
    Error,

    /// <summary>Is done, and fails.</summary>
    ReplyLost,

    /// <summary>The process dies before it is done.</summary>
    DieBefore,

    /// <summary>It is done, and the process dies.</summary>
    DieAfter,

    /// <summary>A read ends in the middle.</summary>
    Torn,

    /// <summary>The store says that there is no such object, this once.</summary>
    Missing,

    /// <summary>Takes minutes, or hours.</summary>
    Slow,
}

/// <summary>Kinds of calls, by what can happen to them.</summary>
internal enum Call
{
    StoreRead,
    StoreLength,
    StoreList,
    StoreAppend,
    StoreWrite,
    IndexRead,
    IndexWrite,
}

/// <summary>
/// Injects faults into an operation: at the n-th of its calls, n being anything from the first to one that it may never reach. All choices are
/// the seed's.
/// </summary>
internal sealed class Faults(Random random, RisingTime time, Action<string> log)
{
    private const int MaxExponent = 7, AppendsInOne = 12;

    private static readonly Fault[][] Possible =
    [
        [Fault.Error, Fault.Torn, Fault.Missing, Fault.DieBefore, Fault.Slow],
        [Fault.Error, Fault.Missing, Fault.DieBefore],
        [Fault.Error, Fault.DieBefore],
        [Fault.Error, Fault.DieBefore],
        [Fault.Error, Fault.ReplyLost, Fault.DieBefore, Fault.DieAfter, Fault.Slow],
        [Fault.Error, Fault.DieBefore, Fault.Slow],
        [Fault.Error, Fault.ReplyLost, Fault.DieBefore, Fault.DieAfter, Fault.Slow],
    ];

    private int _faultIn, _otherIn;
    private Func<Task>? _other;

    /// <summary>The process is dead: nothing that it calls is done.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Faults so far that an operation may fail of.</summary>
    public int Injected { get; private set; }

    /// <summary>How often each happened.</summary>
    public Dictionary<Fault, int> Counts { get; } = [];

    /// <summary>Before an operation: perhaps one of its calls fails, and perhaps <paramref name="other"/> runs between two of them.</summary>
    public void Plan(Func<Task>? other = null)
    {
        _faultIn = random.Next(5) < 2 ? Within(MaxExponent) : 0;
        (_otherIn, _other) = other is not null && random.Next(2) == 0 ? (Within(MaxExponent), other) : (0, null);
    }

    /// <summary>No faults until the next plan.</summary>
    public void Stop() => (_faultIn, _otherIn, _other) = (0, 0, null);

    /// <summary>Another process.</summary>
    public void Revive()
    {
        IsDead = false;
        Stop();
    }

    /// <summary>Called before a call is done; gives what the caller has to do about it.</summary>
    public async ValueTask<Fault> BeforeAsync(Call call, string what, bool mayInterleave)
    {
        ThrowIfDead();
        if (mayInterleave && _otherIn > 0 && --_otherIn == 0)
        {
            await InterleaveAsync(what);
        }
        // There are many appends, and what they can suffer is the same.
        if (_faultIn == 0 || (call == Call.StoreAppend && random.Next(AppendsInOne) > 0) || --_faultIn > 0)
        {
            return Fault.None;
        }
        var kinds = Possible[(int)call];
        var fault = kinds[random.Next(kinds.Length)];
        _faultIn = random.Next(4) == 0 ? Within(MaxExponent) : 0;
        Counts[fault] = Counts.GetValueOrDefault(fault) + 1;
        Injected++;
        log($"    {fault} at {what}");
        switch (fault)
        {
            case Fault.Slow:
                time.Advance(TimeSpan.FromMinutes(random.Next(6) == 0 ? random.Next(60, 1_800) : random.Next(1, 60)));
                return Fault.None;
            case Fault.DieBefore:
                Die();
                break;
            case Fault.Error:
                throw Failure(call, what);
        }
        return fault;
    }

    /// <summary>For the list of steps of a seed that fails.</summary>
    public void Log(string line) => log($"      {line}");

    /// <summary>Called when a call was done.</summary>
    public void After(Fault fault, Call call, string what)
    {
        if (fault == Fault.DieAfter)
        {
            Die();
        }
        if (fault == Fault.ReplyLost)
        {
            throw Failure(call, what);
        }
    }

    private async Task InterleaveAsync(string what)
    {
        var (faultIn, other) = (_faultIn, _other!);
        Stop();
        log($"    meanwhile, before {what}:");
        await other();
        ThrowIfDead();
        _faultIn = faultIn;
    }

    private int Within(int exponent) => 1 + random.Next(1 << random.Next(exponent + 1));

    private void Die()
    {
        IsDead = true;
        throw new KilledException();
    }

    private void ThrowIfDead()
    {
        if (IsDead)
        {
            throw new KilledException();
        }
    }

    private static IOException Failure(Call call, string what) => call is Call.IndexRead or Call.IndexWrite
        ? new IndexUnavailableException($"Simulated: {what}", TimeSpan.FromSeconds(1))
        : new StoreUnavailableException($"Simulated: {what}");
}
