using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Members to manifest entries and back.</summary>
internal static class ManifestCodec
{
    public static PackManifest ToManifest(Ulid pack, string study, int inlineLimit, IngestSource source, string writer, IReadOnlyList<PackMember> members) => new()
    {
        Version = PackFormat.Version,
        Writer = writer,
        Pack = pack.ToString(),
        Study = study,
        InlineLimit = inlineLimit,
        Source = new ManifestSource(source.Batch.ToString(), source.Actor, source.Address, source.RequestId, source.ReceivedAt),
        Members = [.. members.Select(ToEntry)],
    };

    /// <summary>The members of a pack as the index takes them.</summary>
    /// <exception cref="InvalidDataException">The manifest names something that cannot be.</exception>
    public static PackCommit ToCommit(PackManifest manifest, string key, long length, TenantId tenant)
    {
        if (!Ulid.TryParse(manifest.Pack, out var pack) || !Ulid.TryParse(manifest.Source.Batch, out var batch))
        {
            throw new InvalidDataException("The manifest's pack or batch is not a ULID.");
        }
        return new PackCommit
        {
            Tenant = tenant,
            Pack = pack,
            PackKey = key,
            PackLength = length,
            StudyUid = manifest.Study,
            Members = [.. manifest.Members.Select(member => ToMember(member, manifest.Study, key, length))],
            Source = new IngestSource(batch, manifest.Source.Actor, manifest.Source.Address, manifest.Source.Request, manifest.Source.At),
            Adopting = true,
        };
    }

    private static ManifestMember ToEntry(PackMember member)
    {
        var entry = member.Entry;
        var frames = entry.Frames;
        return new ManifestMember
        {
            Origin = entry.Origin.ToString(),
            Series = entry.Key.SeriesUid,
            Sop = entry.Key.SopUid,
            Offset = entry.Data.Offset,
            Length = entry.Data.Length,
            File = entry.FileDigest.ToString(),
            Content = entry.ContentDigest.ToString(),
            MetadataOffset = entry.Metadata.Offset,
            Segments = [.. entry.Metadata.Segments.Select(segment => (IReadOnlyList<long>)[segment.Length, segment.InflatedLength, segment.Crc32])],
            Frames = [(long)frames.Layout, frames.Count, frames.PixelOffset, frames.PixelLength, frames.FrameLength, frames.TableOffset, frames.FirstFrame.Offset, frames.FirstFrame.Length, frames.FirstFrame.Fragments],
            Instance = entry.Attributes,
            SeriesAttributes = member.Series,
            StudyAttributes = member.Study,
        };
    }

    private static PackMember ToMember(ManifestMember member, string study, string key, long packLength)
    {
        if (!Origin.TryParse(member.Origin, out var origin) || member.Frames.Count != 9 || member.Segments.Any(segment => segment.Count != 3)
            || member.Offset < 0 || member.Length < 0 || member.Offset > packLength - member.Length)
        {
            throw new InvalidDataException("A member of the manifest is damaged.");
        }
        var f = member.Frames;
        return new PackMember
        {
            Entry = new InstanceEntry
            {
                Key = new InstanceKey(study, member.Series, member.Sop),
                Origin = origin,
                Attributes = member.Instance,
                Data = new DataLocator(key, member.Offset, member.Length),
                Metadata = new MetadataLocator(key, member.MetadataOffset, [.. member.Segments.Select(segment => new MetadataSegment((int)segment[0], (int)segment[1], (uint)segment[2]))]),
                Frames = new FrameMap((FrameLayout)f[0], (int)f[1], f[2], f[3], f[4], f[5], new FrameRange(f[6], f[7], (int)f[8])),
                FileDigest = ParseDigest(member.File),
                ContentDigest = ParseDigest(member.Content),
            },
            Study = member.StudyAttributes,
            Series = member.SeriesAttributes,
        };
    }

    private static Digest ParseDigest(string hex) =>
        hex.Length == 2 * Digest.Size ? Digest.Read(Convert.FromHexString(hex)) : throw new InvalidDataException("A digest of the manifest is damaged.");
}
