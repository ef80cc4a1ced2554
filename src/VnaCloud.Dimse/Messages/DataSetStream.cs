using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>
/// The data set of a message as it comes: reading it reads the association's connection, so that a slow reader slows the peer down and
/// nothing is held. It ends with the last fragment, and with an <see cref="AssociationException"/> when the association ends before that.
/// </summary>
internal sealed class DataSetStream(MessageReader reader, PresentationContext context, long limit) : ReadOnlyStream
{
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AssociationException? _failure;
    private bool _hasBegun;
    private long _length;

    /// <summary>Ends when the last byte has been taken; fails when the peer broke the protocol or the association ended.</summary>
    public Task Completed => _completed.Task;

    /// <summary>Bytes taken so far.</summary>
    public long Taken => _length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.Length == 0 || _completed.Task.IsCompletedSuccessfully)
        {
            return 0;
        }
        return await GuardAsync(async () =>
        {
            var read = await reader.ReadDataAsync(context, buffer);
            Count(read);
            return read;
        });
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    /// <summary>Writes what came from where it lies, without a copy between.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        while (!_completed.Task.IsCompletedSuccessfully)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = await PeekAsync();
            await destination.WriteAsync(bytes, cancellationToken);
            await TakeAsync(bytes.Length);
        }
    }

    /// <summary>The rest, in memory; null where it is longer than the limit.</summary>
    public async ValueTask<byte[]?> HoldAsync(int most)
    {
        using var bytes = new MemoryStream();
        while (!_completed.Task.IsCompletedSuccessfully)
        {
            var piece = await PeekAsync();
            if (bytes.Length + piece.Length > most)
            {
                await TakeAsync(piece.Length);
                await DrainAsync();
                return null;
            }
            bytes.Write(piece.Span);
            await TakeAsync(piece.Length);
        }
        return bytes.ToArray();
    }

    /// <summary>Takes what is left, so that the next message can come.</summary>
    public async ValueTask DrainAsync() => await CopyToAsync(Null);

    /// <summary>Nobody will read it to its end: who waits for that is told, unless it has ended.</summary>
    public void Abandon(AssociationException why)
    {
        if (_completed.TrySetException(why))
        {
            _failure = why;
            _ = _completed.Task.Exception;
        }
    }

    private ValueTask<ReadOnlyMemory<byte>> PeekAsync() => GuardAsync(() => reader.PeekDataAsync(context));

    private ValueTask<int> TakeAsync(int count) => GuardAsync(() =>
    {
        reader.Taken(count);
        Count(count);
        return new ValueTask<int>(count);
    });

    private void Count(int read)
    {
        _length += read;
        if (_length > limit)
        {
            throw new PduFormatException(PduFault.InvalidParameter, "A data set past the limit");
        }
        if (reader.IsDataComplete)
        {
            reader.EndData();
            _completed.TrySetResult();
        }
    }

    private async ValueTask<T> GuardAsync<T>(Func<ValueTask<T>> read)
    {
        if (_failure is not null)
        {
            // The connection is somebody else's now.
            throw _failure;
        }
        try
        {
            if (!_hasBegun)
            {
                _hasBegun = true;
                reader.BeginData();
            }
            return await read();
        }
        catch (Exception error) when (error is PduFormatException or AssociationException)
        {
            _failure = error as AssociationException ?? new AssociationException(new AssociationEnd(AssociationEndCause.ProtocolError, error.Message), error);
            _completed.TrySetException(error);
            _ = _completed.Task.Exception;
            throw _failure;
        }
    }
}
