using System.Buffers.Binary;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>Instances that look like something, and those that are no pictures.</summary>
internal static class Phantom
{
    private const int Size = 192;

    /// <summary>A slice through something round with two round holes, which move with the slice.</summary>
    public static LocalFile Slice(InstanceSpec spec)
    {
        spec = spec with { Rows = Size, Columns = Size };
        var frame = new byte[2 * Size * Size];
        var pixels = new byte[frame.Length * spec.Frames];
        for (var number = 0; number < spec.Frames; number++)
        {
            Draw(frame, spec.InstanceNumber + (3 * number));
            frame.CopyTo(pixels, number * frame.Length);
        }
        var data = Instances.DataSet(spec)
            .Set(DicomTags.BitsAllocated, (ushort)16).Set(DicomTags.BitsStored, (ushort)12).Set(DicomTags.HighBit, (ushort)11)
            .Set(DicomTags.WindowCenter, DicomVr.DS, "1000").Set(DicomTags.WindowWidth, DicomVr.DS, "2000")
            .Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, pixels));
        return new LocalFile($"{spec.Sop}.dcm", Instances.File(spec, data));
    }

    /// <summary>A text report with one finding.</summary>
    public static LocalFile Report(InstanceSpec spec, string finding)
    {
        var data = WithoutPicture(spec = spec with { Modality = "SR", SopClass = "1.2.840.10008.5.1.4.1.1.88.11" })
            .Set(DicomTags.ValueType, DicomVr.CS, "CONTAINER").Set(DicomTags.ContinuityOfContent, DicomVr.CS, "SEPARATE")
            .Set(DicomTags.CompletionFlag, DicomVr.CS, "COMPLETE").Set(DicomTags.VerificationFlag, DicomVr.CS, "UNVERIFIED");
        Name(data, "126000", "DCM", "Imaging Report");
        var item = new DicomDataSet { Parent = data }.Set(DicomTags.RelationshipType, DicomVr.CS, "CONTAINS").Set(DicomTags.ValueType, DicomVr.CS, "TEXT").Set(DicomTags.TextValue, DicomVr.UT, finding);
        Name(item, "121071", "DCM", "Finding");
        data.Set(new DicomElement(DicomTags.ContentSequence, [item]));
        return new LocalFile($"{spec.Sop}.dcm", Instances.File(spec, data));
    }

    /// <summary>A document of one empty page.</summary>
    public static LocalFile Document(InstanceSpec spec)
    {
        var pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj trailer<</Root 1 0 R>>\n%%EOF"u8.ToArray();
        var data = WithoutPicture(spec = spec with { Modality = "DOC", SopClass = "1.2.840.10008.5.1.4.1.1.104.1" })
            .Set(DicomTags.MIMETypeOfEncapsulatedDocument, DicomVr.LO, "application/pdf")
            .Set(new DicomElement(DicomTags.EncapsulatedDocument, DicomVr.OB, pdf.Length % 2 == 0 ? pdf : [.. pdf, 0]));
        return new LocalFile($"{spec.Sop}.dcm", Instances.File(spec, data));
    }

    private static DicomDataSet WithoutPicture(InstanceSpec spec)
    {
        var data = Instances.DataSet(spec);
        foreach (var tag in (DicomTag[])[DicomTags.PixelData, DicomTags.Rows, DicomTags.Columns, DicomTags.NumberOfFrames, DicomTags.BitsAllocated, DicomTags.BitsStored, DicomTags.HighBit, DicomTags.PixelRepresentation, DicomTags.SamplesPerPixel, DicomTags.PhotometricInterpretation])
        {
            data.Remove(tag);
        }
        return data;
    }

    private static void Name(DicomDataSet data, string code, string scheme, string meaning) =>
        data.Set(new DicomElement(DicomTags.ConceptNameCodeSequence, [new DicomDataSet { Parent = data }
            .Set(DicomTags.CodeValue, DicomVr.SH, code).Set(DicomTags.CodingSchemeDesignator, DicomVr.SH, scheme).Set(DicomTags.CodeMeaning, DicomVr.LO, meaning)]));

    private static void Draw(byte[] frame, int number)
    {
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                var (u, v) = (((2.0 * x) - Size) / Size, ((2.0 * y) - Size) / Size);
                var body = (u * u / 0.72) + (v * v / 0.5);
                var (left, right) = (Round(u + 0.38, v, 0.2 + (0.01 * number)), Round(u - 0.38, v, 0.24 - (0.005 * number)));
                var value = body > 1 ? 20 : body > 0.9 ? 1700 : left < 1 || right < 1 ? 180 + (80 * Math.Min(left, right)) : 900 + (250 * Math.Cos(5 * u) * Math.Cos(4 * v));
                BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(2 * ((y * Size) + x)), (ushort)value);
            }
        }
    }

    private static double Round(double u, double v, double radius) => ((u * u) + (v * v * 0.6)) / (radius * radius * 1.6);
}
