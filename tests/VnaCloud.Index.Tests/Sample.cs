using System.Security.Cryptography;
using System.Text;
using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Index.Tests;

/// <summary>Pack members with just enough in them to tell them apart.</summary>
internal static class Sample
{
    public static readonly TenantId Tenant = TenantId.Default;

    public static InstanceKey Key(int study, int series = 1, int instance = 1) =>
        new($"1.2.3.{study}", $"1.2.3.{study}.{series}", $"1.2.3.{study}.{series}.{instance}");

    public static PackMember Member(InstanceKey key, StudyAttributes? study = null, SeriesAttributes? series = null, string content = "",
        string number = "1", int? rows = 512) => new()
    {
        Entry = new InstanceEntry
        {
            Key = key,
            Origin = default,
            Attributes = new InstanceAttributes
            {
                SopClassUid = "1.2.840.10008.5.1.4.1.1.2", TransferSyntaxUid = "1.2.840.10008.1.2.1", InstanceNumber = number,
                Rows = rows, Columns = 256, BitsAllocated = 16, NumberOfFrames = null,
            },
            Data = new DataLocator("", 512, 1_000),
            Metadata = new MetadataLocator("", 9_000, [new MetadataSegment(100, 300, 0xDEADBEEF), new MetadataSegment(20, 50, 7)]),
            Frames = new FrameMap(FrameLayout.Native, 1, 480, 520_000, 524_288, -1, default),
            FileDigest = DigestOf("file" + key.SopUid + content),
            ContentDigest = DigestOf(key.SopUid + content),
        },
        Study = study ?? new StudyAttributes { StudyDate = "20240102", StudyTime = "101112", PatientId = "P1", PatientName = "Doe^Jane" },
        Series = series ?? new SeriesAttributes { Modality = "CT", SeriesNumber = "1" },
    };

    /// <summary>A pack of the members' study, whose members first arrived in it.</summary>
    public static PackCommit Pack(TimeProvider time, params IReadOnlyList<PackMember> members) => PackOf(Ulid.New(time), time, members);

    public static PackCommit PackOf(Ulid ulid, TimeProvider time, params IReadOnlyList<PackMember> members)
    {
        var key = $"t/x/packs/{ulid}.tar";
        return new PackCommit
        {
            Tenant = Tenant, Pack = ulid, PackKey = key, PackLength = 10_000, StudyUid = members[0].Entry.Key.StudyUid,
            Members = [.. members.Select((member, i) => member with { Entry = At(member.Entry, key, new Origin(ulid, i)) })],
            Source = new IngestSource(Ulid.New(time), "anonymous", "127.0.0.1", "request", time.GetUtcNow()),
        };
    }

    private static InstanceEntry At(InstanceEntry entry, string key, Origin origin) => entry with
    {
        Origin = origin,
        Data = entry.Data with { PackKey = key, Offset = 512 + 2_000 * origin.Ordinal },
        Metadata = entry.Metadata with { PackKey = key },
    };

    private static Digest DigestOf(string text) => Digest.Read(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
