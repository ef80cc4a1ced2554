using System.Collections.Concurrent;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>In which form the objects of one destination go: compressed where that is wished for and possible, unless the archive did not take that.</summary>
internal sealed class OutgoingForms(Compressor compressor, ForwardCompression compression, ObjectSpool spool)
{
    private readonly ConcurrentDictionary<Receipt, byte> _asReceived = new();

    /// <summary>Compresses what is to be compressed of a batch, one object after the other: other batches want workers, too.</summary>
    public async Task<OutgoingBatch> PrepareAsync(Batch batch, CancellationToken cancellation)
    {
        var prepared = new OutgoingBatch();
        if (compression == ForwardCompression.None)
        {
            return prepared;
        }
        try
        {
            foreach (var spooled in batch.Objects.Where(spooled => !_asReceived.ContainsKey(spooled.Receipt)))
            {
                if (await compressor.TryAsync(spool.PathOf(spooled), spool.OutgoingPathOf(spooled), compression.Target(), cancellation) is { } compressed)
                {
                    prepared.Add(spooled, compressed);
                }
            }
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>The archive did not take its compressed form, perhaps because it has the original already: from now on the original goes.</summary>
    public void SendAsReceived(SpooledObject spooled) => _asReceived.TryAdd(spooled.Receipt, 0);

    /// <summary>It is confirmed, or set aside.</summary>
    public void Forget(SpooledObject spooled) => _asReceived.TryRemove(spooled.Receipt, out _);
}

/// <summary>The compressed objects of one request; their files go with it.</summary>
internal sealed class OutgoingBatch : IDisposable
{
    private readonly Dictionary<Receipt, CompressedObject> _compressed = [];

    /// <summary>Null where the original goes.</summary>
    public CompressedObject? Find(SpooledObject spooled) => _compressed.GetValueOrDefault(spooled.Receipt);

    public void Add(SpooledObject spooled, CompressedObject compressed) => _compressed.Add(spooled.Receipt, compressed);

    /// <summary>Which objects are compressed, so that a request with others has another key; empty for none.</summary>
    public string Key(Batch batch) => _compressed.Count == 0 ? "" : "-" + string.Concat(batch.Objects.Select(spooled => Find(spooled) is null ? '0' : '1'));

    public void Dispose()
    {
        foreach (var compressed in _compressed.Values)
        {
            File.Delete(compressed.Path);
        }
    }
}
