namespace VnaCloud.Archive;

/// <summary>
/// The object-store port: immutable objects under new names. Every provider passes the same contract tests
/// (tests/VnaCloud.Storage.Tests/Contract). Keys are slash-separated ASCII without empty, "." or ".." segments.
/// </summary>
public interface IObjectStore
{
    /// <summary>Starts a new object. Nothing is visible under <paramref name="key"/> before <see cref="ObjectUpload.CompleteAsync"/>.</summary>
    ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// Fills <paramref name="destination"/> from <paramref name="offset"/>; fewer bytes only at the end of the object.
    /// </summary>
    /// <exception cref="ObjectMissingException">No object has this key.</exception>
    ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation);

    /// <summary>Bytes of an object, or null when there is none.</summary>
    ValueTask<long?> LengthAsync(string key, CancellationToken cancellation);

    /// <summary>Keys that begin with <paramref name="prefix"/>, in bytewise order; unfinished uploads are not listed.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Removes an object; nothing happens when there is none.</summary>
    ValueTask DeleteAsync(string key, CancellationToken cancellation);
}

/// <summary>
/// An object being written. Bytes are appended; what was appended after the last <see cref="Seal"/> may still be patched or cut off
/// (a tar header precedes bytes whose number is not known yet; a bad part is taken back). Sealed bytes may have left this machine.
/// Disposing an upload that was not completed leaves nothing behind.
/// </summary>
public abstract class ObjectUpload : IAsyncDisposable
{
    /// <summary>Bytes appended so far.</summary>
    public abstract long Length { get; }

    /// <summary>Appends.</summary>
    public abstract ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Overwrites unsealed bytes.</summary>
    public abstract ValueTask PatchAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Cuts off unsealed bytes.</summary>
    public abstract ValueTask TruncateAsync(long length, CancellationToken cancellation);

    /// <summary>Everything appended so far is final.</summary>
    public abstract void Seal();

    /// <summary>
    /// Makes the object durable and visible under its key. When this returns, the object survives a crash of the machine.
    /// </summary>
    /// <exception cref="ObjectExistsException">The key is taken; nothing was changed.</exception>
    public abstract ValueTask CompleteAsync(CancellationToken cancellation);

    /// <summary>Takes the upload back unless it was completed.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>No object has this key: for a key from the index, an alarm.</summary>
public sealed class ObjectMissingException(string key, Exception? inner = null) : IOException($"Object {key} is not in the store.", inner);

/// <summary>An object has this key already: objects are never overwritten.</summary>
public sealed class ObjectExistsException(string key) : IOException($"Object {key} exists already.");
