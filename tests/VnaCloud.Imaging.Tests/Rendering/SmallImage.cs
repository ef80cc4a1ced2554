using System.Buffers.Binary;
using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Images of one row, to be computed by hand.</summary>
internal sealed class SmallImage(ImagePixels pixels, byte[] frame)
{
    public DicomDataSet DataSet { get; } = new();

    public ImagePixels Pixels { get; } = pixels;

    public static ImagePixels Row(int columns, int bits = 16, string photometric = "MONOCHROME2") => new()
    {
        Rows = 1,
        Columns = columns,
        BitsAllocated = bits,
        BitsStored = bits,
        HighBit = bits - 1,
        Photometric = photometric,
    };

    /// <summary>Unsigned words.</summary>
    public static SmallImage Words(params int[] values) => new(Row(values.Length), Bytes(values));

    /// <summary>Signed words.</summary>
    public static SmallImage SignedWords(params int[] values) => new(Row(values.Length) with { IsSigned = true }, Bytes(values));

    public static byte[] Bytes(params int[] words)
    {
        var bytes = new byte[2 * words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)words[i]);
        }
        return bytes;
    }

    public SmallImage With(DicomTag tag, string text)
    {
        DataSet.Set(tag, DicomVr.CS, text.Split('\\'));
        return this;
    }

    public SmallImage With(DicomTag tag, params ushort[] values)
    {
        DataSet.Set(tag, values);
        return this;
    }

    public SmallImage With(DicomTag sequence, params DicomDataSet[] items)
    {
        DataSet.Set(new DicomElement(sequence, items));
        return this;
    }

    public SmallImage WithWindow(double center, double width, string function = "LINEAR")
    {
        Window(center, width, function).ToList().ForEach(element => DataSet.Set(element));
        return this;
    }

    public static DicomDataSet Window(double center, double width, string function = "LINEAR") => new DicomDataSet()
        .Set(DicomTags.WindowCenter, DicomVr.DS, center.ToString(CultureInfo.InvariantCulture), "7")
        .Set(DicomTags.WindowWidth, DicomVr.DS, width.ToString(CultureInfo.InvariantCulture), "8")
        .Set(DicomTags.VOILUTFunction, DicomVr.CS, function);

    public static DicomDataSet Table(ushort entries, ushort first, ushort bits, byte[] data) => new DicomDataSet()
        .Set(DicomTags.LUTDescriptor, entries, first, bits)
        .Set(new DicomElement(DicomTags.LUTData, DicomVr.OW, data));

    public static DicomDataSet Group(DicomTag macro, DicomDataSet item) => new DicomDataSet().Set(new DicomElement(macro, [item]));

    public Picture Render(RenderOptions? options = null, int number = 0) => FrameRenderer.Render(Pixels, frame, DataSet, number, options);

    public byte[] Samples(RenderOptions? options = null, int number = 0) => Render(options, number).Samples.ToArray();
}
