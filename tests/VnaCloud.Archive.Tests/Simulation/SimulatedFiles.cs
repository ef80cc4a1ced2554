using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>
/// The files that may be sent as an instance: variants 0 and 1 have the same content and another meta header, 2 and 3 other pixels. Made once for
/// all seeds.
/// </summary>
internal sealed class SimulatedFiles
{
    public const int Variants = 4, Absent = -1;

    private static readonly ConcurrentDictionary<InstanceKey, SimulatedFiles> Known = new();

    private readonly byte[][] _files;
    private readonly Digest[] _digests;

    private SimulatedFiles(InstanceKey key)
    {
        _files = [.. Enumerable.Range(0, Variants).Select(variant => Make(key, variant))];
        _digests = [.. _files.Select(file => DigestOf(file, new InstanceSpec(key.StudyUid, key.SeriesUid, key.SopUid).Syntax.Uid))];
    }

    public static SimulatedFiles Of(InstanceKey key) => Known.GetOrAdd(key, static key => new SimulatedFiles(key));

    public byte[] this[int variant] => _files[variant];

    /// <summary>The variant with this digest; fails where it is none of them.</summary>
    public int VariantOf(Digest digest)
    {
        var variant = Array.IndexOf(_digests, digest);
        Assert.True(variant >= 0, "The stored bytes are none that were sent.");
        return variant;
    }

    /// <summary>Whether two files are one instance to the archive.</summary>
    public static bool IsSame(int one, int other) => one != Absent && other != Absent && one / 2 == other / 2;

    // By hand, from the length of group 0002 (PS3.10 section 7.1): the archive's own way is what is tested.
    private static Digest DigestOf(byte[] file, string transferSyntaxUid)
    {
        const int Value = 140;
        var head = Value + 4 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(Value));
        var content = SHA256.HashData([.. Encoding.ASCII.GetBytes(transferSyntaxUid), .. file.AsSpan(head)]);
        return Digest.Read(SHA256.HashData([.. SHA256.HashData(file.AsSpan(0, head)), .. content]));
    }

    private static byte[] Make(InstanceKey key, int variant)
    {
        var spec = new InstanceSpec(key.StudyUid, key.SeriesUid, key.SopUid) { Seed = variant / 2, Rows = 4, Columns = 4, StudyDescription = $"Study {variant / 2}" };
        var meta = new DicomDataSet()
            .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, spec.SopClass)
            .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, spec.Sop)
            .Set(DicomTags.ImplementationClassUID, DicomVr.UI, "2.25.306146541338230516155424302325712219157")
            .Set(DicomTags.ImplementationVersionName, DicomVr.SH, variant % 2 == 0 ? "ONE" : "TWO");
        return DicomWriter.ToArray(meta, Instances.DataSet(spec), spec.Syntax);
    }
}
