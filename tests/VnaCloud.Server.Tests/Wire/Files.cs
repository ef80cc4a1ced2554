using System.Buffers.Binary;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wire;

/// <summary>Files for the tests of STOW-RS and WADO-RS.</summary>
internal static class Files
{
    public const string Study = "1.2.826.77.1";
    public const string Series = "1.2.826.77.1.1";

    public static string InstanceUrl(string sop, string series = Series, string study = Study) => $"studies/{study}/series/{series}/instances/{sop}";

    public static InstanceSpec Spec(string sop) => new(Study, Series, sop);

    public static byte[] Ct(string sop, int seed = 0, string series = Series, string study = Study) => Instances.Ct(study, series, sop, seed: seed);

    /// <summary>A CT slice with a changed data set.</summary>
    public static byte[] Changed(string sop, Action<DicomDataSet> change) => Changed(Spec(sop), change);

    public static byte[] Changed(InstanceSpec spec, Action<DicomDataSet> change)
    {
        var data = Instances.DataSet(spec);
        change(data);
        return Instances.File(spec, data);
    }

    /// <summary>With native pixel data of one's own.</summary>
    public static byte[] Native(InstanceSpec spec, DicomTag tag, DicomVr vr, int bits, byte[] pixels, Action<DicomDataSet>? change = null) =>
        Changed(spec, data =>
        {
            data.Remove(DicomTags.PixelData);
            data.Set(DicomTags.BitsAllocated, (ushort)bits).Set(DicomTags.BitsStored, (ushort)bits).Set(DicomTags.HighBit, (ushort)(bits - 1));
            data.Set(new DicomElement(tag, vr, pixels));
            change?.Invoke(data);
        });

    /// <summary>With encapsulated pixel data: the offset table as given, then the fragments.</summary>
    public static byte[] Encapsulated(InstanceSpec spec, string syntax, uint[] table, byte[][] fragments, Action<DicomDataSet>? change = null)
    {
        spec = spec with { Syntax = TransferSyntax.Get(syntax) };
        using var file = new MemoryStream();
        file.Write(Changed(spec, data =>
        {
            data.Remove(DicomTags.PixelData);
            change?.Invoke(data);
        }));
        file.Write([0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        Item(file, [.. table.SelectMany(BitConverter.GetBytes)]);
        foreach (var fragment in fragments)
        {
            Item(file, fragment);
        }
        file.Write([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        return file.ToArray();
    }

    public static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] WithPreamble(byte[] file, string preamble)
    {
        var copy = file.ToArray();
        Encoding.Latin1.GetBytes(preamble).CopyTo(copy, 0);
        return copy;
    }

    private static void Item(MemoryStream file, byte[] value)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xE000_FFFE);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), value.Length);
        file.Write(header);
        file.Write(value);
    }
}
