using System.Buffers;
using System.Collections.Concurrent;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// A bounded read cache on local disk before any store: blocks of 1 MiB, each fetched once however many wait for it, and ahead of who
/// reads in order. Objects never change, so that nothing has to be invalidated. It begins empty: its file has no name, so that a crash
/// leaves nothing behind and nothing erased survives a restart.
/// </summary>
public sealed class CachedObjectStore : IObjectStore, IDisposable
{
    private readonly IObjectStore _inner;
    private readonly ReadCacheOptions _options;
    private readonly SlotFile _file;
    private readonly BlockIndex _index;
    private readonly ITimer _sweeper;
    private readonly ConcurrentDictionary<(string Key, long Index), Lazy<Task<int>>> _fetches = new();
    private long _hits;
    private long _misses;
    private long _damaged;

    /// <param name="inner">The store behind; it is not disposed with the cache.</param>
    /// <param name="options">Where, how much, how long.</param>
    /// <param name="time">For the age of blocks.</param>
    public CachedObjectStore(IObjectStore inner, ReadCacheOptions options, TimeProvider time)
    {
        (_inner, _options) = (inner, options);
        Directory.CreateDirectory(options.Folder);
        _file = new SlotFile(options.Folder);
        // Below a few blocks readers would push each other's out before they are read.
        _index = new BlockIndex(_file, (int)Math.Clamp(options.Limit() / CachedBlock.Size, 8, int.MaxValue), options.ForgetAfter, time);
        var period = TimeSpan.FromMinutes(10);
        _sweeper = time.CreateTimer(_ => _index.Sweep(), null, period, period);
    }

    /// <summary>Blocks read from the cache.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Blocks that had to be fetched before they were read.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Blocks that were not what had been put there: the disk of the cache fails.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Bytes of the cache's file in use.</summary>
    public long Bytes => (long)_index.Count * CachedBlock.Size;

    internal SlotFile File => _file;

    /// <inheritdoc/>
    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation) => _inner.CreateAsync(key, cancellation);

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (destination.IsEmpty)
        {
            return await _inner.ReadAsync(key, offset, destination, cancellation);
        }
        var filled = 0;
        while (filled < destination.Length)
        {
            var at = offset + filled;
            var (read, ends) = await ReadBlockAsync(key, at, destination[filled..], cancellation);
            filled += read;
            if (ends)
            {
                break;
            }
        }
        return filled;
    }

    /// <inheritdoc/>
    public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) => _inner.LengthAsync(key, cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => _inner.ListAsync(prefix, cancellation);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellation)
    {
        await _inner.DeleteAsync(key, cancellation);
        _index.DropAll(key);
        foreach (var fetch in _fetches.Keys.Where(fetch => fetch.Key == key))
        {
            _fetches.TryRemove(fetch, out _);
        }
    }

    /// <summary>Frees the cache's file.</summary>
    public void Dispose()
    {
        _sweeper.Dispose();
        _file.Dispose();
    }

    // At most one block's bytes; the second value is true at the end of the object.
    private async ValueTask<(int Read, bool Ends)> ReadBlockAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        var index = offset / CachedBlock.Size;
        var at = (int)(offset % CachedBlock.Size);
        if (_index.Hold(key, index, out var follows) is { } found)
        {
            Interlocked.Increment(ref _hits);
        }
        else
        {
            Interlocked.Increment(ref _misses);
            await FetchAsync(key, index).WaitAsync(cancellation);
            found = _index.Hold(key, index, out follows);
        }
        if (found is not null)
        {
            try
            {
                if (follows && found.Length == CachedBlock.Size)
                {
                    FetchAhead(key, index);
                }
                var wanted = Math.Clamp(found.Length - at, 0, destination.Length);
                if (found.TryRead(_file, at, destination.Span[..wanted]))
                {
                    return (wanted, wanted < destination.Length && found.Length < CachedBlock.Size);
                }
            }
            finally
            {
                _index.Release(found);
            }
            Interlocked.Increment(ref _damaged);
            _index.DropDamaged(found);
        }
        // Pushed out already, damaged, or not to be kept: from the store itself.
        var piece = destination[..Math.Min(destination.Length, CachedBlock.Size - at)];
        var read = await _inner.ReadAsync(key, offset, piece, cancellation);
        return (read, read < piece.Length);
    }

    private void FetchAhead(string key, long index)
    {
        for (var next = index + 1; next <= index + _options.ReadAhead; next++)
        {
            if (!_index.Has(key, next))
            {
                // Nobody waits: who comes to this block meets the failure himself.
                _ = FetchAsync(key, next).ContinueWith(static fetch => fetch.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }
    }

    // One fetch for all who wait; it goes on when the first of them gives up.
    private Task<int> FetchAsync(string key, long index)
    {
        var fetch = new Lazy<Task<int>>(() => Task.Run(() => LoadAsync(key, index)));
        return _fetches.GetOrAdd((key, index), fetch).Value;
    }

    private async Task<int> LoadAsync(string key, long index)
    {
        var deletions = _index.Deletions;
        var buffer = ArrayPool<byte>.Shared.Rent(CachedBlock.Size);
        try
        {
            var read = await _inner.ReadAsync(key, index * CachedBlock.Size, buffer.AsMemory(0, CachedBlock.Size), CancellationToken.None);
            TryAdd(key, index, buffer.AsSpan(0, read), deletions);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _fetches.TryRemove((key, index), out _);
        }
    }

    private void TryAdd(string key, long index, ReadOnlySpan<byte> bytes, long deletions)
    {
        try
        {
            _index.Add(key, index, bytes, deletions);
        }
        catch (IOException)
        {
            // A full or failing disk of the cache costs speed, nothing else.
        }
        catch (ObjectDisposedException)
        {
            // The server stops.
        }
    }
}
