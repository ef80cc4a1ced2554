using System.Text;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Checks a pack against its own manifest: tar headers, every member's bytes, metadata, and the frames around them.</summary>
internal sealed class PackVerifier(IObjectStore store, VerifyReport report, double share)
{
    private readonly InstanceVerifier _instances = new(store, report);

    /// <summary>Gives what the pack holds, or null when that cannot be read.</summary>
    public async Task<PackContents?> CheckAsync(string key, CancellationToken cancellation)
    {
        report.CountPack();
        PackContents pack;
        try
        {
            pack = await PackReader.ReadAsync(store, key, TenantId.Default, cancellation);
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException)
        {
            report.Add(FindingKind.Pack, key, "", damage.Message);
            return null;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < pack.Commit.Members.Count; i++)
        {
            var entry = pack.Commit.Members[i].Entry;
            var name = PackFormat.MemberName(entry.Key, i, taken: false);
            if (!names.Add(name))
            {
                name = PackFormat.MemberName(entry.Key, i, taken: true);
            }
            await CheckHeaderAsync(key, name, entry.Data.Offset, entry.Data.Length, cancellation);
            if (IsInSample())
            {
                await _instances.CheckBytesAsync(entry, name, pack.InlineLimit, cancellation);
                await _instances.CheckMetadataAsync(entry, name, cancellation);
            }
        }
        await CheckOwnMembersAsync(key, pack, cancellation);
        return pack;
    }

    private bool IsInSample() => share >= 1 || Random.Shared.NextDouble() < share;

    private async Task CheckOwnMembersAsync(string key, PackContents pack, CancellationToken cancellation)
    {
        var (footer, commit) = (pack.Footer, pack.Commit);
        var head = GzipFrame.Header.Length;
        await CheckHeaderAsync(key, PackFormat.MetadataName, footer.MetadataOffset - head, head + footer.MetadataLength + GzipFrame.TrailerLength, cancellation);
        await CheckHeaderAsync(key, PackFormat.FramesName, footer.FramesOffset, footer.FramesLength, cancellation);
        await CheckHeaderAsync(key, PackFormat.ManifestName, footer.ManifestOffset, footer.ManifestLength, cancellation);
        await CheckHeaderAsync(key, PackFormat.FooterName, commit.PackLength - PackFormat.FooterFromEnd, PackFormat.Block, cancellation);
        // What is around the segments makes one gzip stream of them: not read by the server, but by whoever unpacks the tar.
        var (crc, inflated) = (0u, 0L);
        foreach (var segment in commit.Members.SelectMany(member => member.Entry.Metadata.Segments))
        {
            crc = Crc32.Combine(crc, segment.Crc32, segment.InflatedLength);
            inflated += segment.InflatedLength;
        }
        var around = new byte[head + GzipFrame.TrailerLength];
        await store.ReadAsync(key, footer.MetadataOffset - head, around.AsMemory(0, head), cancellation);
        await store.ReadAsync(key, footer.MetadataOffset + footer.MetadataLength, around.AsMemory(head), cancellation);
        if (!around.AsSpan(0, head).SequenceEqual(GzipFrame.Header) || !around.AsSpan(head).SequenceEqual(GzipFrame.Trailer(crc, inflated)))
        {
            report.Add(FindingKind.Tar, key, PackFormat.MetadataName, "The gzip header or trailer is damaged.");
        }
        var end = new byte[PackFormat.EndMark];
        await store.ReadAsync(key, commit.PackLength - end.Length, end, cancellation);
        if (end.AsSpan().ContainsAnyExcept((byte)0))
        {
            report.Add(FindingKind.Tar, key, "", "The end of the tar is not zeros.");
        }
    }

    // The header is made again, with the time that it has, and held against what is stored; so is the padding after the data.
    private async Task CheckHeaderAsync(string key, string name, long offset, long length, CancellationToken cancellation)
    {
        var stored = new byte[PackFormat.Block];
        var padding = new byte[PackFormat.Padding(length)];
        var read = await store.ReadAsync(key, offset - PackFormat.Block, stored, cancellation);
        read += await store.ReadAsync(key, offset + length, padding, cancellation);
        var expected = new byte[PackFormat.Block];
        if (read == stored.Length + padding.Length && TryTime(stored, out var time) && !padding.AsSpan().ContainsAnyExcept((byte)0))
        {
            TarHeader.Write(expected, name, length, time);
        }
        if (!stored.AsSpan().SequenceEqual(expected))
        {
            report.Add(FindingKind.Tar, key, name, "The tar header or padding is not what the manifest says.");
        }
    }

    private static bool TryTime(ReadOnlySpan<byte> header, out DateTimeOffset time)
    {
        time = default;
        try
        {
            time = DateTimeOffset.FromUnixTimeSeconds(Convert.ToInt64(Encoding.ASCII.GetString(header.Slice(136, 11)), 8));
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }
    }
}
