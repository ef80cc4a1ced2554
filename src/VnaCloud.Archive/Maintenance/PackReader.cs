using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>What a pack says of itself, checked.</summary>
/// <param name="Footer">Where its members are.</param>
/// <param name="InlineLimit">The inline limit that its metadata was written with.</param>
/// <param name="Commit">Its instances, as the index takes them.</param>
public sealed record PackContents(PackFooter Footer, int InlineLimit, PackCommit Commit);

/// <summary>Reads a pack from its end: footer, manifest, members (docs/pack-format.md). Nothing of the instances themselves is read.</summary>
public static class PackReader
{
    /// <summary>Bytes at the end of a pack that are read first: with most packs everything that is looked for.</summary>
    private const int TailBytes = 64 * 1024;

    /// <summary>Bytes of a long manifest that are read at once.</summary>
    private const int StepBytes = 1024 * 1024;

    /// <summary>Reads and checks a pack.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a later version; the message says where.</exception>
    /// <exception cref="IOException">The object is missing or cannot be read.</exception>
    public static async Task<PackContents> ReadAsync(IObjectStore store, string key, TenantId tenant, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        var length = await store.LengthAsync(key, cancellation) ?? throw new ObjectMissingException(key);
        var tail = await ReadTailAsync(store, key, length, cancellation);
        var footer = ReadFooter(tail, length);
        var manifest = await ReadManifestAsync(store, key, length, footer, tail, cancellation);
        PackCommit commit;
        try
        {
            commit = ManifestCodec.ToCommit(manifest, key, length, tenant);
        }
        catch (Exception damage) when (damage is FormatException or NullReferenceException)
        {
            throw new InvalidDataException("The manifest has values that cannot be.", damage);
        }
        Check(footer, commit);
        return new PackContents(footer, manifest.InlineLimit, commit);
    }

    private static async Task<byte[]> ReadTailAsync(IObjectStore store, string key, long length, CancellationToken cancellation)
    {
        if (length < PackFormat.FooterFromEnd + PackFormat.Block || length % PackFormat.Block != 0)
        {
            throw new InvalidDataException("The object's length is not that of a pack.");
        }
        var tail = new byte[Math.Min(length, TailBytes)];
        return await store.ReadAsync(key, length - tail.Length, tail, cancellation) == tail.Length ? tail : throw new TruncatedObjectException(key);
    }

    private static PackFooter ReadFooter(byte[] tail, long length)
    {
        var footer = PackFooter.Read(tail.AsSpan(tail.Length - PackFormat.FooterFromEnd, PackFormat.Block));
        var end = length - PackFormat.FooterFromEnd;
        if (!Inside(footer.MetadataOffset, footer.MetadataLength, end) || !Inside(footer.FramesOffset, footer.FramesLength, end)
            || !Inside(footer.ManifestOffset, footer.ManifestLength, end))
        {
            throw new InvalidDataException("The footer points outside the pack.");
        }
        return footer;
    }

    private static async Task<PackManifest> ReadManifestAsync(IObjectStore store, string key, long length, PackFooter footer, byte[] tail, CancellationToken cancellation)
    {
        var inTail = footer.ManifestOffset - (length - tail.Length);
        await using Stream gzip = inTail >= 0
            ? new MemoryStream(tail, (int)inTail, (int)footer.ManifestLength, writable: false)
            : new BufferedStream(new ObjectRangeStream(store, key, footer.ManifestOffset, footer.ManifestLength), (int)Math.Clamp(footer.ManifestLength, 1, StepBytes));
        return await PackManifest.ReadAsync(gzip, cancellation);
    }

    private static void Check(PackFooter footer, PackCommit commit)
    {
        var wrong = commit.Members.Count != footer.Members ? "The manifest has another number of instances than the footer."
            : !commit.PackKey.EndsWith($"/{commit.Pack}.tar", StringComparison.Ordinal) ? "The manifest is that of another pack."
            : !DicomUid.IsValid(commit.StudyUid) ? "The manifest's study is not a UID."
            : commit.Members.Any(member => !IsSound(member.Entry, footer)) ? "The manifest points outside the pack, or names what is not a UID."
            : null;
        if (wrong is not null)
        {
            throw new InvalidDataException(wrong);
        }
    }

    // Export makes paths of these UIDs, and reading trusts these places.
    private static bool IsSound(InstanceEntry entry, PackFooter footer) =>
        DicomUid.IsValid(entry.Key.SeriesUid) && DicomUid.IsValid(entry.Key.SopUid)
        && entry.Data.Offset >= PackFormat.Block && Inside(entry.Data.Offset, entry.Data.Length, footer.MetadataOffset)
        && entry.Metadata.Segments.All(segment => segment is { Length: >= 0, InflatedLength: >= 0 })
        && entry.Metadata.Offset >= footer.MetadataOffset
        && Inside(entry.Metadata.Offset - footer.MetadataOffset, entry.Metadata.Segments.Sum(segment => (long)segment.Length), footer.MetadataLength)
        && entry.Frames.Count >= 0
        && (entry.Frames.TableOffset < 0 || (entry.Frames.TableOffset >= footer.FramesOffset
            && Inside(entry.Frames.TableOffset - footer.FramesOffset, (long)entry.Frames.Count * PackFormat.FrameEntry, footer.FramesLength)));

    private static bool Inside(long offset, long length, long end) => offset >= 0 && length >= 0 && offset <= end - length;
}
