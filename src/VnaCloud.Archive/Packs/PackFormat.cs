using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>The constants of docs/pack-format.md.</summary>
public static class PackFormat
{
    /// <summary>Version of the packs that are written, in footer and manifest.</summary>
    public const int Version = 2;

    /// <summary>The oldest version that is read. Its file digests are SHA-256 of the whole file.</summary>
    public const int OldestVersion = 1;

    /// <summary>Refuses what a footer or a manifest says, where packs of this version cannot be read.</summary>
    /// <exception cref="InvalidDataException">It is none, an older or a later version.</exception>
    public static void RequireVersion(int? version)
    {
        if (version is not (>= OldestVersion and <= Version))
        {
            throw new InvalidDataException($"The pack has format {version}; this version reads {OldestVersion} to {Version}.");
        }
    }

    /// <summary>Blocks of tar.</summary>
    public const int Block = 512;

    /// <summary>Zero bytes that end a tar.</summary>
    public const int EndMark = 2 * Block;

    /// <summary>Bytes from the start of the footer's data to the end of the pack.</summary>
    public const int FooterFromEnd = Block + EndMark;

    /// <summary>Member with the metadata segments.</summary>
    public const string MetadataName = ".vna/metadata.json.gz";

    /// <summary>Member with the frame tables.</summary>
    public const string FramesName = ".vna/frames";

    /// <summary>Member with the manifest.</summary>
    public const string ManifestName = ".vna/manifest.json.gz";

    /// <summary>Last member.</summary>
    public const string FooterName = ".vna/footer";

    /// <summary>Bytes of one entry of a frame table: offset, length, fragments, reserved.</summary>
    public const int FrameEntry = 24;

    /// <summary>First bytes of the footer's data.</summary>
    public static ReadOnlySpan<byte> FooterMagic => "VNAPACK\0"u8;

    /// <summary>Key of a pack: the hour it was made in, then its ULID. No UID and no patient data is in a key.</summary>
    public static string PackKey(string tenantKey, Ulid pack) =>
        string.Create(CultureInfo.InvariantCulture, $"t/{tenantKey}/packs/{pack.Time:yyyy/MM/dd/HH}/{pack}.tar");

    /// <summary>The ULID in a pack's key; false where there is none.</summary>
    public static bool TryReadPack(string key, out Ulid pack)
    {
        var name = key.AsSpan(key.LastIndexOf('/') + 1);
        pack = default;
        return name.EndsWith(".tar", StringComparison.Ordinal) && Ulid.TryParse(name[..^4], out pack);
    }

    /// <summary>Prefix of a tenant's checkpoints (docs/pack-format.md, section 7).</summary>
    public static string CheckpointPrefix(string tenantKey) => $"t/{tenantKey}/checkpoints/";

    /// <summary>Prefix of all packs of a tenant.</summary>
    public static string PackPrefix(string tenantKey) => $"t/{tenantKey}/packs/";

    /// <summary>Key of a journal object.</summary>
    public static string JournalKey(string tenantKey, Ulid id) =>
        string.Create(CultureInfo.InvariantCulture, $"t/{tenantKey}/journal/{id.Time:yyyy/MM/dd}/{id}.jsonl");

    /// <summary>Prefix of the journal objects of a day.</summary>
    public static string JournalDay(string tenantKey, DateTimeOffset day) => string.Create(CultureInfo.InvariantCulture, $"t/{tenantKey}/journal/{day:yyyy/MM/dd}/");

    /// <summary>Prefix of all journal objects of a tenant.</summary>
    public static string JournalPrefix(string tenantKey) => $"t/{tenantKey}/journal/";

    /// <summary>Name of an instance's member: its UIDs, which were checked, with its ordinal where the name is taken or too long for a tar.</summary>
    public static string MemberName(InstanceKey key, int ordinal, bool taken) =>
        key.SopUid.Length > DicomUid.MaxLength ? string.Create(CultureInfo.InvariantCulture, $"{key.SeriesUid}/{ordinal}.dcm")
        : string.Create(CultureInfo.InvariantCulture, $"{key.SeriesUid}/{key.SopUid}{(taken ? $"-{ordinal}" : "")}.dcm");

    /// <summary>Bytes that pad a member to a whole block.</summary>
    public static int Padding(long length) => (int)(-length & (Block - 1));
}
