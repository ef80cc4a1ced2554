using System.Runtime.CompilerServices;
using VnaCloud.Archive;

namespace VnaCloud.TestKit;

/// <summary>Objects in memory, for tests that make many; it passes the contract of every object store.</summary>
public sealed class MemoryObjectStore : IObjectStore
{
    private const int MaxKey = 1024, MaxSegment = 200;

    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation)
    {
        Validate(key);
        return ValueTask.FromResult<ObjectUpload>(new Upload(this, key));
    }

    public ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        var bytes = Find(key) ?? throw new ObjectMissingException(key);
        var read = (int)Math.Clamp(bytes.Length - offset, 0, destination.Length);
        bytes.AsMemory((int)Math.Min(offset, bytes.Length), read).CopyTo(destination);
        return ValueTask.FromResult(read);
    }

    public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) => ValueTask.FromResult<long?>(Find(key)?.Length);

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<string> keys;
        lock (_gate)
        {
            keys = [.. _objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];
        }
        foreach (var key in keys)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return key;
        }
        await Task.CompletedTask;
    }

    public ValueTask DeleteAsync(string key, CancellationToken cancellation)
    {
        Validate(key);
        lock (_gate)
        {
            _objects.Remove(key);
        }
        return ValueTask.CompletedTask;
    }

    private byte[]? Find(string key)
    {
        Validate(key);
        lock (_gate)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    private void Add(string key, byte[] bytes)
    {
        lock (_gate)
        {
            if (!_objects.TryAdd(key, bytes))
            {
                throw new ObjectExistsException(key);
            }
        }
    }

    private static void Validate(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Length > MaxKey || !key.Split('/').All(IsSegment))
        {
            throw new ArgumentException("Not an object key.", nameof(key));
        }
    }

    private static bool IsSegment(string segment) => segment.Length is > 0 and <= MaxSegment && segment is not ("." or "..")
        && !segment.StartsWith(".tmp-", StringComparison.Ordinal)
        && segment.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    private sealed class Upload(MemoryObjectStore store, string key) : ObjectUpload
    {
        private readonly MemoryStream _bytes = new();
        private long _sealed;

        public override long Length => _bytes.Length;

        public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            _bytes.Position = _bytes.Length;
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public override ValueTask PatchAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(offset, _sealed);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes.Length, Length);
            _bytes.Position = offset;
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public override ValueTask TruncateAsync(long length, CancellationToken cancellation)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(length, _sealed);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
            _bytes.SetLength(length);
            return ValueTask.CompletedTask;
        }

        public override void Seal() => _sealed = Length;

        public override ValueTask CompleteAsync(CancellationToken cancellation)
        {
            store.Add(key, _bytes.ToArray());
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync() => _bytes.DisposeAsync();
    }
}
