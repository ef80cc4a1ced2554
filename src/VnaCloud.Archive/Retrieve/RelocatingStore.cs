namespace VnaCloud.Archive;

/// <summary>
/// The store for one answer. Where a pack that the answer's locators name has vanished, since it was compacted long ago for the index and not so
/// long ago for this reader, the index is asked once more where its instances are now, and the answer goes on.
/// </summary>
/// <param name="inner">The store.</param>
/// <param name="index">Asked past its caches: for one instance.</param>
/// <param name="tenant">The tenant.</param>
/// <param name="view">What the answer gives.</param>
public sealed class RelocatingStore(IObjectStore inner, IArchiveIndex index, TenantId tenant, StudyView view) : IObjectStore
{
    /// <inheritdoc/>
    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation) => inner.CreateAsync(key, cancellation);

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        try
        {
            return await inner.ReadAsync(key, offset, destination, cancellation);
        }
        catch (ObjectMissingException missing)
        {
            return await ReadMovedAsync(key, offset, destination, missing, cancellation);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) => inner.LengthAsync(key, cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellation) => inner.DeleteAsync(key, cancellation);

    // Neighbours need not be neighbours any more: each stretch is read from where its own instance is.
    private async ValueTask<int> ReadMovedAsync(string key, long offset, Memory<byte> destination, ObjectMissingException missing, CancellationToken cancellation)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var at = offset + done;
            if (Holder(key, at) is not { } held)
            {
                throw missing;
            }
            var now = await index.LocateAsync(tenant, held.Entry.Key.StudyUid, held.Entry.Key.SeriesUid, held.Entry.Key.SopUid, cancellation);
            if (now?.Instances[0] is not { } entry || entry.Origin != held.Entry.Origin)
            {
                throw missing; // deleted meanwhile
            }
            var range = Range(entry, held.Part);
            if (range.PackKey == key)
            {
                throw missing;
            }
            var inside = at - held.Start;
            var take = (int)Math.Min(destination.Length - done, held.Length - inside);
            if (await inner.ReadAsync(range.PackKey, range.Offset + inside, destination.Slice(done, take), cancellation) < take)
            {
                throw new TruncatedObjectException(range.PackKey);
            }
            done += take;
        }
        return done;
    }

    private enum Part
    {
        Data,
        Metadata,
        Frames,
    }

    private (InstanceEntry Entry, Part Part, long Start, long Length)? Holder(string key, long at)
    {
        foreach (var entry in view.Instances)
        {
            foreach (var part in (ReadOnlySpan<Part>)[Part.Data, Part.Metadata, Part.Frames])
            {
                var range = Range(entry, part);
                if (range.PackKey == key && at >= range.Offset && at < range.Offset + range.Length)
                {
                    return (entry, part, range.Offset, range.Length);
                }
            }
        }
        return null;
    }

    private static DataLocator Range(InstanceEntry entry, Part part) => part switch
    {
        Part.Data => entry.Data,
        Part.Metadata => new DataLocator(entry.Metadata.PackKey, entry.Metadata.Offset, entry.Metadata.Segments.Sum(segment => (long)segment.Length)),
        _ => new DataLocator(entry.Data.PackKey, entry.Frames.TableOffset, entry.Frames.TableOffset < 0 ? 0 : (long)entry.Frames.Count * PackFormat.FrameEntry),
    };
}
