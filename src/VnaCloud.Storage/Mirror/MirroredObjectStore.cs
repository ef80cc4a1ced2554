using Polly;
using Polly.CircuitBreaker;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// Two stores: everything is written to the primary and copied to the secondary later, from a queue; what the primary cannot serve, the
/// secondary does, at once. A write that the primary cannot take fails: written to the secondary alone it would be acknowledged in one
/// place only, and the primary, when back, would not know of it. Lists are the primary's: the secondary may lack what is still queued.
/// </summary>
public sealed class MirroredObjectStore : IObjectStore
{
    private readonly IObjectStore _primary;
    private readonly IObjectStore _secondary;
    private readonly MirrorOptions _options;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline _breaker;
    private readonly CircuitBreakerStateProvider _state = new();
    private long _served;

    /// <param name="primary">Where writes go; not disposed with the mirror.</param>
    /// <param name="secondary">Where copies go; not disposed with the mirror.</param>
    /// <param name="options">When to turn away.</param>
    /// <param name="time">For limits and rests.</param>
    public MirroredObjectStore(IObjectStore primary, IObjectStore secondary, MirrorOptions options, TimeProvider time)
    {
        (_primary, _secondary, _options, _time) = (primary, secondary, options, time);
        _breaker = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.5,
            MinimumThroughput = 2,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = options.Rest,
            StateProvider = _state,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is TimeoutException or IOException and not ObjectMissingException),
        }).Build();
    }

    /// <summary>False while the primary is not asked for reads.</summary>
    public bool IsPrimaryServing => _state.CircuitState is CircuitState.Closed or CircuitState.HalfOpen;

    /// <summary>Reads that the secondary answered.</summary>
    public long ServedBySecondary => Interlocked.Read(ref _served);

    /// <inheritdoc/>
    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation) => _primary.CreateAsync(key, cancellation);

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var (read, failure) = await AskPrimaryAsync(token => _primary.ReadAsync(key, offset, destination, token), cancellation);
        if (failure is null && read == destination.Length)
        {
            return read;
        }
        if (failure is null)
        {
            // The end of the object, or of what is left of it. The bytes of the primary stay where they are unless there are more.
            return await LongerAsync(key, offset, destination, read, cancellation);
        }
        var served = await AskSecondaryAsync(key, failure, () => _secondary.ReadAsync(key, offset, destination, cancellation));
        ReportMissing(key, failure);
        return served;
    }

    /// <inheritdoc/>
    public async ValueTask<long?> LengthAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        var (length, failure) = await AskPrimaryAsync(token => _primary.LengthAsync(key, token), cancellation);
        if (failure is null && length is not null)
        {
            return length;
        }
        try
        {
            var other = await _secondary.LengthAsync(key, cancellation);
            if (other is not null)
            {
                Interlocked.Increment(ref _served);
                ReportMissing(key, failure ?? new ObjectMissingException(key));
            }
            // "None" of a secondary is no answer while the primary is silent: it may not have been copied yet.
            return other is null && failure is not null ? throw Unavailable(failure) : other;
        }
        catch (IOException) when (failure is null)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => _primary.ListAsync(prefix, cancellation);

    /// <inheritdoc/>
    /// <remarks>The secondary first: between the two, a read must not find on the secondary what the primary has lost, and bring it back.</remarks>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellation)
    {
        await _secondary.DeleteAsync(key, cancellation);
        await _primary.DeleteAsync(key, cancellation);
    }

    /// <summary>Brings an object to the secondary; again and again is the same as once.</summary>
    /// <exception cref="StoreUnavailableException">One of the sides cannot now; to be tried later.</exception>
    public Task<MirrorOutcome> CopyAsync(string key, CancellationToken cancellation) => ObjectCopy.CopyAsync(_primary, _secondary, key, cancellation);

    /// <summary>Puts the secondary's object back where the primary lacks it, or has one that is bad.</summary>
    /// <param name="key">Of the object.</param>
    /// <param name="isGood">Says of an object of one side whether it is what it should be (a pack: by its manifest). Without it, two that differ are left alone unless the primary's is the shorter one.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<MirrorOutcome> RepairAsync(string key, Func<IObjectStore, string, CancellationToken, Task<bool>>? isGood, CancellationToken cancellation)
    {
        var there = await _primary.LengthAsync(key, cancellation);
        if (await _secondary.LengthAsync(key, cancellation) is not { } length)
        {
            return MirrorOutcome.SourceMissing;
        }
        if (there is not null)
        {
            if (await ObjectCopy.CompareAsync(_primary, _secondary, key, cancellation) == MirrorOutcome.Equal)
            {
                return MirrorOutcome.Equal;
            }
            var replace = isGood is null ? there < length : !await isGood(_primary, key, cancellation);
            if (!replace || (isGood is not null && !await isGood(_secondary, key, cancellation)))
            {
                return MirrorOutcome.Different;
            }
            // Objects are never overwritten: until the copy stands, the secondary serves.
            await _primary.DeleteAsync(key, cancellation);
        }
        return await ObjectCopy.CopyAsync(_secondary, _primary, key, cancellation);
    }

    private async ValueTask<(T? Answer, Exception? Failure)> AskPrimaryAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return (await _breaker.ExecuteAsync(async token =>
            {
                using var limit = new CancellationTokenSource(_options.ReadPatience, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
                try
                {
                    return await ask(either.Token);
                }
                catch (OperationCanceledException late) when (limit.IsCancellationRequested && !token.IsCancellationRequested)
                {
                    throw new TimeoutException($"The primary store did not answer within {_options.ReadPatience.TotalSeconds} s.", late);
                }
            }, cancellation), null);
        }
        catch (Exception failure) when (failure is IOException or TimeoutException or BrokenCircuitException)
        {
            return (default, failure);
        }
    }

    private async ValueTask<T> AskSecondaryAsync<T>(string key, Exception failure, Func<ValueTask<T>> ask)
    {
        try
        {
            var answer = await ask();
            Interlocked.Increment(ref _served);
            return answer;
        }
        catch (ObjectMissingException) when (failure is ObjectMissingException)
        {
            throw new ObjectMissingException(key, failure);
        }
        catch (ObjectMissingException)
        {
            // Not copied yet: it is there, where it cannot be read now.
            throw Unavailable(failure);
        }
    }

    private async ValueTask<int> LongerAsync(string key, long offset, Memory<byte> destination, int read, CancellationToken cancellation)
    {
        try
        {
            if (await _secondary.LengthAsync(key, cancellation) is not { } length || length <= offset + read)
            {
                return read;
            }
            var served = await _secondary.ReadAsync(key, offset, destination, cancellation);
            Interlocked.Increment(ref _served);
            _options.Damaged?.Invoke(key);
            return served;
        }
        catch (IOException)
        {
            return read;
        }
    }

    private void ReportMissing(string key, Exception failure)
    {
        if (failure is ObjectMissingException)
        {
            _options.Damaged?.Invoke(key);
        }
    }

    private static StoreUnavailableException Unavailable(Exception failure) =>
        failure as StoreUnavailableException ?? new StoreUnavailableException($"The primary store does not answer and the second has no copy yet: {failure.Message}", failure);
}
