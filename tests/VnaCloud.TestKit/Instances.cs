using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.TestKit;

/// <summary>What a generated instance says; pixels are a pattern that depends on the SOP Instance UID and <see cref="Seed"/>.</summary>
public sealed record InstanceSpec(string Study, string Series, string Sop)
{
    public string PatientName { get; init; } = "Doe^Jane";
    public string PatientId { get; init; } = "4711";
    public string StudyDate { get; init; } = "20260314";
    public string StudyDescription { get; init; } = "Test study";
    public string AccessionNumber { get; init; } = "A1";
    public string Modality { get; init; } = "CT";
    public string SopClass { get; init; } = "1.2.840.10008.5.1.4.1.1.2";
    public int SeriesNumber { get; init; } = 1;
    public int InstanceNumber { get; init; } = 1;
    public ushort Rows { get; init; } = 8;
    public ushort Columns { get; init; } = 8;
    public int Frames { get; init; } = 1;
    public int Seed { get; init; }

    /// <summary>A native or deflated transfer syntax.</summary>
    public TransferSyntax Syntax { get; init; } = TransferSyntax.ExplicitVrLittleEndian;
}

/// <summary>Small valid instances as PS3.10 files, the same bytes for the same arguments.</summary>
public static class Instances
{
    /// <summary>A CT slice of 8 x 8 pixels.</summary>
    public static byte[] Ct(string study, string series, string sop, int number = 1, int seed = 0) =>
        File(new InstanceSpec(study, series, sop) { InstanceNumber = number, Seed = seed });

    /// <summary>The file.</summary>
    public static byte[] File(InstanceSpec spec) => File(spec, DataSet(spec));

    /// <summary>A file of a data set that a test changed.</summary>
    public static byte[] File(InstanceSpec spec, DicomDataSet dataSet)
    {
        var meta = new DicomDataSet()
            .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, spec.SopClass)
            .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, spec.Sop)
            .Set(DicomTags.ImplementationClassUID, DicomVr.UI, "2.25.306146541338230516155424302325712219157");
        return DicomWriter.ToArray(meta, dataSet, spec.Syntax);
    }

    /// <summary>The data set, to be changed before it is written.</summary>
    public static DicomDataSet DataSet(InstanceSpec spec)
    {
        var data = new DicomDataSet()
            .Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192")
            .Set(DicomTags.SOPClassUID, DicomVr.UI, spec.SopClass)
            .Set(DicomTags.SOPInstanceUID, DicomVr.UI, spec.Sop)
            .Set(DicomTags.StudyDate, DicomVr.DA, spec.StudyDate)
            .Set(DicomTags.StudyTime, DicomVr.TM, "091500")
            .Set(DicomTags.AccessionNumber, DicomVr.SH, spec.AccessionNumber)
            .Set(DicomTags.Modality, DicomVr.CS, spec.Modality)
            .Set(DicomTags.ReferringPhysicianName, DicomVr.PN, "Roe^Richard")
            .Set(DicomTags.StudyDescription, DicomVr.LO, spec.StudyDescription)
            .Set(DicomTags.PatientName, DicomVr.PN, spec.PatientName)
            .Set(DicomTags.PatientID, DicomVr.LO, spec.PatientId)
            .Set(DicomTags.PatientBirthDate, DicomVr.DA, "19700101")
            .Set(DicomTags.PatientSex, DicomVr.CS, "O")
            .Set(DicomTags.StudyInstanceUID, DicomVr.UI, spec.Study)
            .Set(DicomTags.SeriesInstanceUID, DicomVr.UI, spec.Series)
            .Set(DicomTags.StudyID, DicomVr.SH, "S1")
            .Set(DicomTags.SeriesNumber, DicomVr.IS, $"{spec.SeriesNumber}")
            .Set(DicomTags.InstanceNumber, DicomVr.IS, $"{spec.InstanceNumber}")
            .Set(DicomTags.SamplesPerPixel, (ushort)1)
            .Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "MONOCHROME2")
            .Set(DicomTags.Rows, spec.Rows)
            .Set(DicomTags.Columns, spec.Columns)
            .Set(DicomTags.BitsAllocated, (ushort)16)
            .Set(DicomTags.BitsStored, (ushort)16)
            .Set(DicomTags.HighBit, (ushort)15)
            .Set(DicomTags.PixelRepresentation, (ushort)0);
        if (spec.Frames > 1)
        {
            data.Set(DicomTags.NumberOfFrames, DicomVr.IS, $"{spec.Frames}");
        }
        return data.Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, Pixels(spec)));
    }

    private static byte[] Pixels(InstanceSpec spec)
    {
        var pixels = new byte[2L * spec.Rows * spec.Columns * spec.Frames];
        var state = (uint)spec.Seed;
        foreach (var character in spec.Sop)
        {
            state = (state * 31) + character;
        }
        for (var i = 0; i < pixels.Length; i += 2)
        {
            state = (state * 1_664_525) + 1_013_904_223;
            BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(i), (ushort)(state >> 16));
        }
        return pixels;
    }
}
