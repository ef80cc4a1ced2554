using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests;

/// <summary>What golden packs are made of: one of each thing that a pack can hold.</summary>
internal static class GoldenInstances
{
    public static byte[] Native() => Instances.Ct("1.2.840.99999.1", "1.2.840.99999.1.1", "1.2.840.99999.1.1.1");

    /// <summary>A value over the inline limit: its metadata has a hole.</summary>
    public static byte[] WithBulkData()
    {
        var spec = new InstanceSpec("1.2.840.99999.1", "1.2.840.99999.1.1", "1.2.840.99999.1.1.2") { InstanceNumber = 2, PatientName = "Müller^Jörg" };
        var data = Instances.DataSet(spec)
            .Set(new DicomTag(0x0029_0010), DicomVr.LO, "GOLDEN")
            .Set(new DicomElement(new DicomTag(0x0029_1001), DicomVr.OB, new byte[5000]));
        return Instances.File(spec, data);
    }

    public static byte[] BigEndian() => Instances.File(
        new InstanceSpec("1.2.840.99999.1", "1.2.840.99999.1.2", "1.2.840.99999.1.2.1") { SeriesNumber = 2, Syntax = TransferSyntax.ExplicitVrBigEndian });

    public static byte[] Deflated() => Instances.File(
        new InstanceSpec("1.2.840.99999.1", "1.2.840.99999.1.2", "1.2.840.99999.1.2.2") { SeriesNumber = 2, InstanceNumber = 2, Frames = 2, Syntax = TransferSyntax.DeflatedExplicitVrLittleEndian });

    /// <summary>Three frames, each a fragment: there is a frame table.</summary>
    public static byte[] Encapsulated()
    {
        var spec = new InstanceSpec("1.2.840.99999.1", "1.2.840.99999.1.3", "1.2.840.99999.1.3.1")
        {
            SeriesNumber = 3,
            Frames = 3,
            Syntax = TransferSyntax.Get("1.2.840.10008.1.2.4.70"),
        };
        var frames = Enumerable.Range(1, 3).Select(i => (ReadOnlyMemory<byte>)new byte[] { 0xFF, 0xD8, (byte)i, 0, 0, (byte)i, 0xFF, 0xD9 }).ToList();
        return Instances.File(spec, Instances.DataSet(spec).Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new EncapsulatedPixelData { Values = frames })));
    }

    public static byte[] Other() => Instances.Ct("1.2.840.99999.2", "1.2.840.99999.2.1", "1.2.840.99999.2.1.1");

    public static byte[] Deleted() => Instances.Ct("1.2.840.99999.1", "1.2.840.99999.1.1", "1.2.840.99999.1.1.3", 3);

    /// <summary>The instances that are live in the golden data folder, in the order of its dump.</summary>
    public static IReadOnlyList<byte[]> Live() => [Native(), WithBulkData(), BigEndian(), Deflated(), Encapsulated(), Other()];
}
