using System.Buffers.Binary;
using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>
/// A CT series whose pictures can be computed: a disc of 0 HU in air, and in its middle a square of 10 HU for each slice, so that a
/// gray level tells which slice is shown. 256 x 256 pixels of 1 mm, slices 2 mm apart, the first pixel at (0, 0, 0).
/// </summary>
internal sealed record Phantom(string Study)
{
    public const int Size = 256;
    public const double SliceDistance = 2;

    /// <summary>The window that the files name: black at 0, white at 600.</summary>
    public const double WindowCenter = 300, WindowWidth = 600;

    public string PatientId { get; init; } = "VIEWER-1";

    public string PatientName { get; init; } = "Phantom^Viewer";

    public string Date { get; init; } = "20260202";

    public string Description { get; init; } = "CT phantom";

    public int Slices { get; init; } = 64;

    public int SeriesNumber { get; init; } = 1;

    public string Series => $"{Study}.{SeriesNumber}";

    /// <summary>Added to the value in the middle of each slice, so that series differ.</summary>
    public int HounsfieldBase { get; init; }

    public string FrameOfReference => $"{Study}.9";

    public string Sop(int slice) => string.Create(CultureInfo.InvariantCulture, $"{Series}.{slice + 1}");

    /// <summary>The value in the middle.</summary>
    public static int HounsfieldOf(int slice) => 10 * slice;

    public IEnumerable<byte[]> Files() => Enumerable.Range(0, Slices).Select(slice => NaturalObject.File(Slice(slice)));

    /// <summary>Attributes that all objects of the study have.</summary>
    public string Common(string sopClass, string series, string sop, string modality, int seriesNumber) => $"""
        "SpecificCharacterSet": "ISO_IR 192", "SOPClassUID": "{sopClass}", "SOPInstanceUID": "{sop}", "StudyInstanceUID": "{Study}", "SeriesInstanceUID": "{series}",
        "StudyDate": "{Date}", "StudyTime": "101500", "SeriesDate": "{Date}", "SeriesTime": "101600", "ContentDate": "{Date}", "ContentTime": "101700", "AccessionNumber": "V{Date}", "Modality": "{modality}",
        "StudyDescription": "{Description}", "SeriesDescription": "{modality} of the phantom", "ReferringPhysicianName": "", "PatientName": "{PatientName}", "PatientID": "{PatientId}",
        "PatientBirthDate": "19800101", "PatientSex": "O", "StudyID": "1", "SeriesNumber": {seriesNumber}, "Manufacturer": "VnaCloud", "ManufacturerModelName": "Phantom",
        "DeviceSerialNumber": "1", "SoftwareVersions": "1"
        """;

    private DicomDataSet Slice(int slice)
    {
        var z = (slice * SliceDistance).ToString(CultureInfo.InvariantCulture);
        var data = NaturalObject.Read($$"""
            { {{Common("1.2.840.10008.5.1.4.1.1.2", Series, Sop(slice), "CT", SeriesNumber)}},
              "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "AcquisitionNumber": 1, "InstanceNumber": {{slice + 1}}, "PatientPosition": "HFS", "FrameOfReferenceUID": "{{FrameOfReference}}", "PositionReferenceIndicator": "",
              "ImagePositionPatient": ["0", "0", "{{z}}"], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "SliceLocation": "{{z}}", "SliceThickness": 2, "PixelSpacing": [1, 1], "KVP": 120,
              "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "Rows": {{Size}}, "Columns": {{Size}}, "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15,
              "WindowCenter": {{WindowCenter}}, "WindowWidth": {{WindowWidth}}, "RescaleIntercept": -1024, "RescaleSlope": 1, "RescaleType": "HU" }
            """);
        return data.Set(DicomTags.PixelRepresentation, (ushort)1).Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, Pixels(slice)));
    }

    private byte[] Pixels(int slice)
    {
        var pixels = new byte[2 * Size * Size];
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                var (dx, dy) = (x - 128, y - 128);
                var value = Math.Abs(dx) < 40 && Math.Abs(dy) < 40 ? HounsfieldBase + HounsfieldOf(slice) : (dx * dx) + (dy * dy) < 100 * 100 ? 0 : -1000;
                BinaryPrimitives.WriteInt16LittleEndian(pixels.AsSpan(2 * ((y * Size) + x)), (short)(value + 1024));
            }
        }
        return pixels;
    }
}
