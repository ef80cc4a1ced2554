using System.Buffers;

namespace VnaCloud.Archive;

/// <summary>Copies members of packs into a new one: file, metadata segments and frame tables as they are stored, nothing parsed.</summary>
internal sealed class PackMerger(UpkeepArchive archive)
{
    private const int Step = 256 * 1024;

    private readonly PacedStore _source = archive.Paced();

    /// <summary>Writes and makes durable a pack with the kept members of others.</summary>
    public async Task<PackCommit> MergeAsync(IReadOnlyList<PackUse> packs, CancellationToken cancellation)
    {
        var first = packs[0];
        await using var writer = await PackWriter.CreateAsync(archive.Store, archive.TenantKey, archive.Time, cancellation);
        // In the order in which the members first arrived, as a reader of the study wants them.
        foreach (var member in packs.SelectMany(pack => pack.Kept).OrderBy(member => member.Entry.Origin))
        {
            await CopyAsync(writer, member, cancellation);
        }
        var source = new IngestSource(Ulid.New(archive.Time), "compaction", "", "", archive.Time.GetUtcNow());
        var commit = await writer.FinishAsync(first.Indexed.StudyUid, source, first.Contents.InlineLimit, first.Indexed.Tenant, cancellation);
        return commit with { Adopting = false };
    }

    private async Task CopyAsync(PackWriter writer, PackMember member, CancellationToken cancellation)
    {
        var entry = member.Entry;
        await writer.BeginMemberAsync(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(Step);
        try
        {
            for (var done = 0L; done < entry.Data.Length;)
            {
                var block = buffer.AsMemory(0, (int)Math.Min(Step, entry.Data.Length - done));
                await ReadAsync(entry.Data.PackKey, entry.Data.Offset + done, block, cancellation);
                await writer.AppendAsync(block, cancellation);
                done += block.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        var metadata = new byte[entry.Metadata.Segments.Sum(segment => segment.Length)];
        await ReadAsync(entry.Metadata.PackKey, entry.Metadata.Offset, metadata, cancellation);
        var frames = new byte[entry.Frames.TableOffset < 0 ? 0 : checked(entry.Frames.Count * PackFormat.FrameEntry)];
        await ReadAsync(entry.Data.PackKey, Math.Max(0, entry.Frames.TableOffset), frames, cancellation);
        await writer.EndCopyAsync(member, metadata, frames, cancellation);
    }

    private async Task ReadAsync(string key, long offset, Memory<byte> block, CancellationToken cancellation)
    {
        if (block.Length > 0 && await _source.ReadAsync(key, offset, block, cancellation) < block.Length)
        {
            throw new TruncatedObjectException(key);
        }
    }
}
