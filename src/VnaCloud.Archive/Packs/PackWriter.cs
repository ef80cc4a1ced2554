using System.Buffers;
using System.Buffers.Binary;
using System.Reflection;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>
/// Writes one pack: members as they arrive, then metadata, frame tables, manifest and footer. A member whose bytes turn out to be bad
/// is taken back; a pack that is not finished leaves nothing behind.
/// </summary>
internal sealed class PackWriter : IAsyncDisposable
{
    private static readonly string WriterName = $"VnaCloud {typeof(PackWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}";
    private readonly ObjectUpload _upload;
    private readonly TimeProvider _time;
    private readonly byte[] _block = new byte[PackFormat.Block];
    private readonly MetadataSegmenter _segmenter = new();
    private readonly ArrayBufferWriter<byte> _metadata = new(16 * 1024);
    private readonly ArrayBufferWriter<byte> _frames = new();
    private readonly List<PendingMember> _members = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _memberStart;

    /// <summary>Metadata and frame places count from the start of their member until the pack is finished.</summary>
    private sealed record PendingMember(PackMember Member, long Metadata, long Table);

    private PackWriter(Ulid id, string key, ObjectUpload upload, TimeProvider time)
    {
        Id = id;
        Key = key;
        _upload = upload;
        _time = time;
    }

    public Ulid Id { get; }

    public string Key { get; }

    public long Length => _upload.Length;

    public int Count => _members.Count;

    /// <summary>Bytes in memory that follow the members.</summary>
    public int Buffered => _metadata.WrittenCount + _frames.WrittenCount;

    public static async ValueTask<PackWriter> CreateAsync(IObjectStore store, string tenantKey, TimeProvider time, CancellationToken cancellation)
    {
        var id = Ulid.New(time);
        var key = PackFormat.PackKey(tenantKey, id);
        return new PackWriter(id, key, await store.CreateAsync(key, cancellation), time);
    }

    /// <summary>Begins a member; its header is written when its length is known.</summary>
    public async ValueTask BeginMemberAsync(CancellationToken cancellation)
    {
        _memberStart = _upload.Length;
        _block.AsSpan().Clear();
        await _upload.AppendAsync(_block, cancellation);
    }

    public ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => _upload.AppendAsync(bytes, cancellation);

    /// <summary>Takes the bytes since <see cref="BeginMemberAsync"/> back.</summary>
    public ValueTask AbandonMemberAsync(CancellationToken cancellation) => _upload.TruncateAsync(_memberStart, cancellation);

    /// <summary>Completes a member with what was found in it.</summary>
    public async ValueTask EndMemberAsync(InstanceFacts facts, int inlineLimit, CancellationToken cancellation)
    {
        var data = await SealMemberAsync(facts.Key, cancellation);
        var metadataOffset = _metadata.WrittenCount;
        var segments = _segmenter.Write(facts.DataSet, facts.Key, inlineLimit);
        _metadata.Write(_segmenter.Bytes.Span);
        var (frames, table) = WriteFrames(facts.Frames);
        _members.Add(new PendingMember(new PackMember
        {
            Entry = new InstanceEntry
            {
                Key = facts.Key,
                Origin = new Origin(Id, _members.Count),
                Attributes = facts.Instance,
                Data = data,
                Metadata = new MetadataLocator(Key, 0, segments),
                Frames = frames,
                FileDigest = facts.FileDigest,
                ContentDigest = facts.ContentDigest,
            },
            Study = facts.Study,
            Series = facts.Series,
        }, metadataOffset, table));
    }

    /// <summary>Completes a member that was copied from another pack, with its metadata segments and frame table as they were stored there.</summary>
    public async ValueTask EndCopyAsync(PackMember member, ReadOnlyMemory<byte> metadata, ReadOnlyMemory<byte> frames, CancellationToken cancellation)
    {
        var data = await SealMemberAsync(member.Entry.Key, cancellation);
        var (metadataOffset, table) = (_metadata.WrittenCount, frames.IsEmpty ? -1 : _frames.WrittenCount);
        _metadata.Write(metadata.Span);
        _frames.Write(frames.Span);
        _members.Add(new PendingMember(member with
        {
            Entry = member.Entry with { Data = data, Metadata = member.Entry.Metadata with { PackKey = Key } },
        }, metadataOffset, table));
    }

    private async ValueTask<DataLocator> SealMemberAsync(InstanceKey key, CancellationToken cancellation)
    {
        var offset = _memberStart + PackFormat.Block;
        var length = _upload.Length - offset;
        var ordinal = _members.Count;
        var name = PackFormat.MemberName(key, ordinal, taken: false);
        if (!_names.Add(name))
        {
            name = PackFormat.MemberName(key, ordinal, taken: true);
        }
        await PadAsync(length, cancellation);
        TarHeader.Write(_block, name, length, _time.GetUtcNow());
        await _upload.PatchAsync(_memberStart, _block, cancellation);
        _upload.Seal();
        return new DataLocator(Key, offset, length);
    }

    /// <summary>Writes what follows the members and makes the pack durable.</summary>
    public async ValueTask<PackCommit> FinishAsync(string studyUid, IngestSource source, int inlineLimit, TenantId tenant, CancellationToken cancellation)
    {
        var metadata = await WriteMetadataAsync(cancellation);
        var frames = await WriteMemberAsync(PackFormat.FramesName, _frames.WrittenMemory, cancellation);
        var members = _members.ConvertAll(pending => Placed(pending, metadata.Offset, frames));
        var manifest = ManifestCodec.ToManifest(Id, studyUid, inlineLimit, source, WriterName, members).Compress();
        var manifestOffset = await WriteMemberAsync(PackFormat.ManifestName, manifest, cancellation);
        var footer = new byte[PackFormat.Block];
        new PackFooter(PackFormat.Version, metadata.Offset, metadata.Length, frames, _frames.WrittenCount, manifestOffset, manifest.Length, members.Count).Write(footer);
        await WriteMemberAsync(PackFormat.FooterName, footer, cancellation);
        await _upload.AppendAsync(new byte[PackFormat.EndMark], cancellation);
        await _upload.CompleteAsync(cancellation);
        return new PackCommit { Tenant = tenant, Pack = Id, PackKey = Key, PackLength = _upload.Length, StudyUid = studyUid, Members = members, Source = source };
    }

    public ValueTask DisposeAsync() => _upload.DisposeAsync();

    private static PackMember Placed(PendingMember pending, long metadata, long frames)
    {
        var entry = pending.Member.Entry;
        return pending.Member with
        {
            Entry = entry with
            {
                Metadata = entry.Metadata with { Offset = metadata + pending.Metadata },
                Frames = pending.Table < 0 ? entry.Frames : entry.Frames with { TableOffset = frames + pending.Table },
            },
        };
    }

    // The member is ONE gzip stream whose text is the JSON of the instances, one after the other, each with empty holes.
    private async ValueTask<(long Offset, long Length)> WriteMetadataAsync(CancellationToken cancellation)
    {
        var crc = 0u;
        var inflated = 0L;
        foreach (var segment in _members.SelectMany(pending => pending.Member.Entry.Metadata.Segments))
        {
            crc = Crc32.Combine(crc, segment.Crc32, segment.InflatedLength);
            inflated += segment.InflatedLength;
        }
        var length = GzipFrame.Header.Length + _metadata.WrittenCount + GzipFrame.TrailerLength;
        TarHeader.Write(_block, PackFormat.MetadataName, length, _time.GetUtcNow());
        await _upload.AppendAsync(_block, cancellation);
        await _upload.AppendAsync(GzipFrame.Header.ToArray(), cancellation);
        var offset = _upload.Length;
        await _upload.AppendAsync(_metadata.WrittenMemory, cancellation);
        await _upload.AppendAsync(GzipFrame.Trailer(crc, inflated), cancellation);
        await PadAsync(length, cancellation);
        return (offset, _metadata.WrittenCount);
    }

    private async ValueTask<long> WriteMemberAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        TarHeader.Write(_block, name, bytes.Length, _time.GetUtcNow());
        await _upload.AppendAsync(_block, cancellation);
        var offset = _upload.Length;
        await _upload.AppendAsync(bytes, cancellation);
        await PadAsync(bytes.Length, cancellation);
        return offset;
    }

    private async ValueTask PadAsync(long length, CancellationToken cancellation)
    {
        if (PackFormat.Padding(length) is > 0 and var padding)
        {
            await _upload.AppendAsync(new byte[padding], cancellation);
        }
    }

    private (FrameMap Map, long Table) WriteFrames(FrameLocations located)
    {
        var map = new FrameMap(located.Layout, located.Count, located.PixelOffset, located.PixelLength, located.FrameLength, -1,
            located.Ranges.Count == 1 ? located.Ranges[0] : default);
        if (located.Ranges.Count < 2)
        {
            return (map, -1);
        }
        var table = _frames.WrittenCount;
        foreach (var range in located.Ranges)
        {
            var span = _frames.GetSpan(PackFormat.FrameEntry);
            BinaryPrimitives.WriteInt64LittleEndian(span, range.Offset);
            BinaryPrimitives.WriteInt64LittleEndian(span[8..], range.Length);
            BinaryPrimitives.WriteInt32LittleEndian(span[16..], range.Fragments);
            BinaryPrimitives.WriteInt32LittleEndian(span[20..], 0);
            _frames.Advance(PackFormat.FrameEntry);
        }
        return (map, table);
    }
}
