using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VnaCloud.Dicom;

namespace VnaCloud.Cli.Sample;

/// <summary>A generated CT study (PS3.3 section A.3): one axial series of a phantom with a shell, two tubes and a wedge.</summary>
internal static class SampleStudy
{
    private const ushort Size = 128;
    private const double PixelSpacing = 2.5, SliceDistance = 5;
    private const string CtImageStorage = "1.2.840.10008.5.1.4.1.1.2";

    /// <summary>Study Instance UID; the same for ever, so that a second store changes nothing.</summary>
    public static string StudyUid { get; } = Uid("study");

    /// <summary>One slice as a PS3.10 file, Explicit VR Little Endian.</summary>
    public static byte[] Slice(int slice, int count)
    {
        var sop = Uid($"slice {slice} of {count}");
        var meta = new DicomDataSet()
            .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, CtImageStorage)
            .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, sop)
            .Set(DicomTags.ImplementationClassUID, DicomVr.UI, Uid("implementation"))
            .Set(DicomTags.ImplementationVersionName, DicomVr.SH, "VNACLOUD");
        var data = new DicomDataSet().Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192");
        AddIdentity(data, sop, count);
        AddEquipmentAndAcquisition(data);
        AddImage(data, slice, count);
        return DicomWriter.ToArray(meta, data, TransferSyntax.ExplicitVrLittleEndian);
    }

    private static void AddIdentity(DicomDataSet data, string sop, int count) => data
        .Set(DicomTags.SOPClassUID, DicomVr.UI, CtImageStorage)
        .Set(DicomTags.SOPInstanceUID, DicomVr.UI, sop)
        .Set(DicomTags.StudyInstanceUID, DicomVr.UI, StudyUid)
        .Set(DicomTags.SeriesInstanceUID, DicomVr.UI, Uid($"series of {count}"))
        .Set(DicomTags.FrameOfReferenceUID, DicomVr.UI, Uid("frame of reference"))
        .Set(DicomTags.PositionReferenceIndicator, DicomVr.LO, "")
        .Set(DicomTags.StudyDate, DicomVr.DA, "20260105")
        .Set(DicomTags.SeriesDate, DicomVr.DA, "20260105")
        .Set(DicomTags.AcquisitionDate, DicomVr.DA, "20260105")
        .Set(DicomTags.ContentDate, DicomVr.DA, "20260105")
        .Set(DicomTags.StudyTime, DicomVr.TM, "101500")
        .Set(DicomTags.SeriesTime, DicomVr.TM, "101630")
        .Set(DicomTags.AcquisitionTime, DicomVr.TM, "101635")
        .Set(DicomTags.ContentTime, DicomVr.TM, "101640")
        .Set(DicomTags.StudyID, DicomVr.SH, "SAMPLE-1")
        .Set(DicomTags.AccessionNumber, DicomVr.SH, "VNA-0001")
        .Set(DicomTags.StudyDescription, DicomVr.LO, "CT phantom")
        .Set(DicomTags.SeriesDescription, DicomVr.LO, "Axial 5 mm")
        .Set(DicomTags.SeriesNumber, DicomVr.IS, "1")
        .Set(DicomTags.ReferringPhysicianName, DicomVr.PN, "Šťastný^Jiří")
        .Set(DicomTags.PatientName, DicomVr.PN, "Müller-Lefèvre^José")
        .Set(DicomTags.PatientID, DicomVr.LO, "PHANTOM-1")
        .Set(DicomTags.PatientBirthDate, DicomVr.DA, "19800229")
        .Set(DicomTags.PatientSex, DicomVr.CS, "O")
        .Set(DicomTags.PatientPosition, DicomVr.CS, "HFS")
        .Set(DicomTags.BodyPartExamined, DicomVr.CS, "PHANTOM");

    private static void AddEquipmentAndAcquisition(DicomDataSet data) => data
        .Set(DicomTags.Modality, DicomVr.CS, "CT")
        .Set(DicomTags.Manufacturer, DicomVr.LO, "VnaCloud")
        .Set(DicomTags.InstitutionName, DicomVr.LO, "Hôpital de démonstration")
        .Set(DicomTags.StationName, DicomVr.SH, "SAMPLE")
        .Set(DicomTags.ManufacturerModelName, DicomVr.LO, "Sample study")
        .Set(DicomTags.ImageType, DicomVr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
        .Set(DicomTags.AcquisitionNumber, DicomVr.IS, "1")
        .Set(DicomTags.KVP, DicomVr.DS, "120")
        .Set(DicomTags.XRayTubeCurrent, DicomVr.IS, "200")
        .Set(DicomTags.ExposureTime, DicomVr.IS, "500")
        .Set(DicomTags.ConvolutionKernel, DicomVr.SH, "STANDARD")
        // A private block, as scanners have them (PS3.5 section 7.8.1).
        .Set(new DicomTag(0x0019_0010), DicomVr.LO, "VNACLOUD SAMPLE")
        .Set(new DicomTag(0x0019_1001), DicomVr.LO, "Phantom with a shell, two tubes and a wedge");

    private static void AddImage(DicomDataSet data, int slice, int count)
    {
        var z = Number((slice - ((count - 1) / 2.0)) * SliceDistance);
        var corner = Number(-PixelSpacing * (Size - 1) / 2);
        data
            .Set(DicomTags.InstanceNumber, DicomVr.IS, $"{slice + 1}")
            .Set(DicomTags.ImagePositionPatient, DicomVr.DS, corner, corner, z)
            .Set(DicomTags.ImageOrientationPatient, DicomVr.DS, "1", "0", "0", "0", "1", "0")
            .Set(DicomTags.SliceLocation, DicomVr.DS, z)
            .Set(DicomTags.SliceThickness, DicomVr.DS, Number(SliceDistance))
            .Set(DicomTags.PixelSpacing, DicomVr.DS, Number(PixelSpacing), Number(PixelSpacing))
            .Set(DicomTags.SamplesPerPixel, (ushort)1)
            .Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "MONOCHROME2")
            .Set(DicomTags.Rows, Size)
            .Set(DicomTags.Columns, Size)
            .Set(DicomTags.BitsAllocated, (ushort)16)
            .Set(DicomTags.BitsStored, (ushort)16)
            .Set(DicomTags.HighBit, (ushort)15)
            .Set(DicomTags.PixelRepresentation, (ushort)1)
            .Set(DicomTags.WindowCenter, DicomVr.DS, "40")
            .Set(DicomTags.WindowWidth, DicomVr.DS, "400")
            .Set(DicomTags.RescaleIntercept, DicomVr.DS, "0")
            .Set(DicomTags.RescaleSlope, DicomVr.DS, "1")
            .Set(DicomTags.RescaleType, DicomVr.LO, "HU")
            .Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, Pixels(slice, count)));
    }

    private static byte[] Pixels(int slice, int count)
    {
        var pixels = new byte[2 * Size * Size];
        var along = count == 1 ? 0 : (2.0 * slice / (count - 1)) - 1;
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                var (x, y) = ((2.0 * column / (Size - 1)) - 1, (2.0 * row / (Size - 1)) - 1);
                // A little grain, the same every time: a flat phantom would compress like none that exists.
                var grain = ((row * 7919) + (column * 104_729) + (slice * 1_299_709)) % 17 - 8;
                BinaryPrimitives.WriteInt16LittleEndian(pixels.AsSpan(2 * ((row * Size) + column)), (short)(Hounsfield(x, y, along) + grain));
            }
        }
        return pixels;
    }

    // Coordinates from -1 to 1; the body gets narrower towards both ends.
    private static int Hounsfield(double x, double y, double along)
    {
        var radius = Math.Sqrt((x * x / 0.72) + (y * y / 0.45)) / Math.Sqrt(1 - (0.35 * along * along));
        return radius > 1 ? -1000
            : radius > 0.93 ? 900
            : Inside(x + 0.38, y, 0.2) ? -780
            : Inside(x - 0.38, y, 0.2 * (1 - (0.5 * Math.Abs(along)))) ? 250
            : Math.Abs(x) < 0.06 && y > 0.15 && y < 0.35 + (0.15 * along) ? 700
            : 40;
    }

    private static bool Inside(double x, double y, double radius) => (x * x) + (y * y) < radius * radius;

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    // 2.25 and a UUID as a number (PS3.5 section B.2), made from a name so that it never changes.
    private static string Uid(string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("vnacloud sample " + name));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return $"2.25.{BinaryPrimitives.ReadUInt128BigEndian(hash)}";
    }
}
