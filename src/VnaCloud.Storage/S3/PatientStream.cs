using VnaCloud.Dicom;

namespace VnaCloud.Storage;

/// <summary>A body whose every read has a time limit: a store that falls silent half-way must not hold a request for ever.</summary>
internal sealed class PatientStream(Stream body, TimeSpan patience) : ReadOnlyStream(body)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await Body.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No more of a body within {patience.TotalSeconds:F0} s.", late);
        }
    }
}
