namespace VnaCloud.Archive.Tests.Maintenance;

public class ReadAheadTests
{
    [Fact]
    public async Task Run_SlowReadings_AreSeveralAtOnceAndInOrder()
    {
        var (running, most) = (0, 0);
        var keys = Enumerable.Range(0, 100).Select(static i => $"{i:D3}").ToList();
        var given = new List<string>();
        await foreach (var (key, reading) in ReadAhead.RunAsync(keys.ToAsyncEnumerable(), async (key, token) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await Task.Delay(key[2] == '0' ? 30 : 5, token);
            Interlocked.Decrement(ref running);
            return key;
        }, default))
        {
            Assert.Equal(key, await reading);
            given.Add(key);
        }
        Assert.Equal(keys, given);
        Assert.InRange(most, 4, ReadAhead.AtOnce);
    }

    [Fact]
    public async Task Run_OneReadingFails_TheOthersAreGiven()
    {
        var (good, bad) = (0, 0);
        await foreach (var (_, reading) in ReadAhead.RunAsync(Enumerable.Range(0, 40).Select(static i => $"{i}").ToAsyncEnumerable(),
            static (key, _) => key == "7" ? throw new InvalidDataException(key) : Task.FromResult(key), default))
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            _ = reading.IsFaulted ? bad++ : good++;
        }
        Assert.Equal((39, 1), (good, bad));
    }

    [Fact]
    public async Task Run_Abandoned_EndsItsReadings()
    {
        var (begun, stopped) = (0, 0);
        await foreach (var _ in ReadAhead.RunAsync(Enumerable.Range(0, 100).Select(static i => $"{i}").ToAsyncEnumerable(), async (key, token) =>
        {
            if (key != "0")
            {
                Interlocked.Increment(ref begun);
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                Interlocked.Increment(ref stopped);
            }
            return key;
        }, default))
        {
            // A reading that has not begun when it is stopped never does.
            while (Volatile.Read(ref begun) < ReadAhead.AtOnce - 1)
            {
                await Task.Delay(1);
            }
            break;
        }
        Assert.Equal(ReadAhead.AtOnce - 1, stopped);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
