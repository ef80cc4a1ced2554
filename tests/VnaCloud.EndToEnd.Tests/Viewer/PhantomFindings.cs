using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>What was found in a <see cref="Phantom"/>: a segmentation and a structure set, both of a square of 20 mm in the slices 20 to 39.</summary>
internal static class PhantomFindings
{
    public const int First = 20, Last = 39;

    /// <summary>Corner and side of the square, in pixels and mm.</summary>
    public const int Corner = 60, Side = 20;

    /// <summary>A binary segmentation (PS3.3 A.51), a frame for each slice.</summary>
    public static byte[] Segmentation(Phantom phantom)
    {
        const string sopClass = "1.2.840.10008.5.1.4.1.1.66.4", dimensions = "2.25.301";
        var slices = Enumerable.Range(First, Last - First + 1).ToList();
        var data = NaturalObject.Read($$"""
            { {{phantom.Common(sopClass, $"{phantom.Study}.2", $"{phantom.Study}.2.1", "SEG", 2)}},
              "ImageType": ["DERIVED", "PRIMARY"], "InstanceNumber": 1, "FrameOfReferenceUID": "{{phantom.FrameOfReference}}", "PositionReferenceIndicator": "",
              "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "Rows": {{Phantom.Size}}, "Columns": {{Phantom.Size}}, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "PixelRepresentation": 0,
              "NumberOfFrames": {{slices.Count}}, "LossyImageCompression": "00", "SegmentationType": "BINARY", "ContentLabel": "SQUARE", "ContentDescription": "Square", "ContentCreatorName": "Phantom",
              "SegmentSequence": [{ "SegmentNumber": 1, "SegmentLabel": "Square", "SegmentAlgorithmType": "MANUAL", "RecommendedDisplayCIELabValue": [34885, 53485, 50171],
                "SegmentedPropertyCategoryCodeSequence": {{Code("49755003", "SCT", "Morphologically Abnormal Structure")}}, "SegmentedPropertyTypeCodeSequence": {{Code("4147007", "SCT", "Mass")}} }],
              "DimensionOrganizationSequence": [{ "DimensionOrganizationUID": "{{dimensions}}" }],
              "DimensionIndexSequence": [
                { "DimensionOrganizationUID": "{{dimensions}}", "DimensionIndexPointer": "0062000B", "FunctionalGroupPointer": "0062000A", "DimensionDescriptionLabel": "Segment" },
                { "DimensionOrganizationUID": "{{dimensions}}", "DimensionIndexPointer": "00200032", "FunctionalGroupPointer": "00209113", "DimensionDescriptionLabel": "Position" }],
              "ReferencedSeriesSequence": [{ "SeriesInstanceUID": "{{phantom.Series}}", "ReferencedInstanceSequence": [{{string.Join(',', Enumerable.Range(0, phantom.Slices).Select(slice => Reference(phantom, slice)))}}] }],
              "SharedFunctionalGroupsSequence": [{
                "PlaneOrientationSequence": [{ "ImageOrientationPatient": [1, 0, 0, 0, 1, 0] }],
                "PixelMeasuresSequence": [{ "PixelSpacing": [1, 1], "SliceThickness": 2, "SpacingBetweenSlices": 2 }] }],
              "PerFrameFunctionalGroupsSequence": [{{string.Join(',', slices.Select((slice, i) => Frame(phantom, slice, i)))}}] }
            """);
        return NaturalObject.File(data.Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, Mask(slices.Count))));
    }

    /// <summary>A structure set (PS3.3 A.19), a contour in each slice.</summary>
    public static byte[] Structures(Phantom phantom)
    {
        const string sopClass = "1.2.840.10008.5.1.4.1.1.481.3";
        return NaturalObject.File(NaturalObject.Read($$"""
            { {{phantom.Common(sopClass, $"{phantom.Study}.3", $"{phantom.Study}.3.1", "RTSTRUCT", 3)}},
              "InstanceNumber": 1, "FrameOfReferenceUID": "{{phantom.FrameOfReference}}", "StructureSetLabel": "SQUARE", "StructureSetDate": "{{phantom.Date}}", "StructureSetTime": "101700",
              "ReferencedFrameOfReferenceSequence": [{ "FrameOfReferenceUID": "{{phantom.FrameOfReference}}", "RTReferencedStudySequence": [{ "ReferencedSOPClassUID": "1.2.840.10008.3.1.2.3.1", "ReferencedSOPInstanceUID": "{{phantom.Study}}",
                "RTReferencedSeriesSequence": [{ "SeriesInstanceUID": "{{phantom.Series}}", "ContourImageSequence": [{{string.Join(',', Enumerable.Range(0, phantom.Slices).Select(slice => Reference(phantom, slice)))}}] }] }] }],
              "StructureSetROISequence": [{ "ROINumber": 1, "ReferencedFrameOfReferenceUID": "{{phantom.FrameOfReference}}", "ROIName": "Square", "ROIGenerationAlgorithm": "MANUAL" }],
              "ROIContourSequence": [{ "ROIDisplayColor": [255, 0, 0], "ReferencedROINumber": 1, "ContourSequence": [{{string.Join(',', Enumerable.Range(First, Last - First + 1).Select(slice => Contour(phantom, slice)))}}] }],
              "RTROIObservationsSequence": [{ "ObservationNumber": 1, "ReferencedROINumber": 1, "RTROIInterpretedType": "ORGAN", "ROIInterpreter": "" }], "ApprovalStatus": "UNAPPROVED" }
            """));
    }

    private static string Code(string value, string scheme, string meaning) => $$"""[{ "CodeValue": "{{value}}", "CodingSchemeDesignator": "{{scheme}}", "CodeMeaning": "{{meaning}}" }]""";

    private static string Reference(Phantom phantom, int slice) => $$"""{ "ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "ReferencedSOPInstanceUID": "{{phantom.Sop(slice)}}" }""";

    private static string Frame(Phantom phantom, int slice, int index) => $$"""
        { "DerivationImageSequence": [{ "DerivationCodeSequence": {{Code("113076", "DCM", "Segmentation")}}, "SourceImageSequence": [{ "ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
            "ReferencedSOPInstanceUID": "{{phantom.Sop(slice)}}", "PurposeOfReferenceCodeSequence": {{Code("121322", "DCM", "Source image for image processing operation")}} }] }],
          "FrameContentSequence": [{ "StackID": "1", "InStackPositionNumber": {{index + 1}}, "DimensionIndexValues": [1, {{index + 1}}] }],
          "PlanePositionSequence": [{ "ImagePositionPatient": ["0", "0", "{{Z(slice)}}"] }], "SegmentIdentificationSequence": [{ "ReferencedSegmentNumber": 1 }] }
        """;

    private static string Contour(Phantom phantom, int slice)
    {
        var (z, far) = (Z(slice), Corner + Side);
        return $$"""
            { "ContourImageSequence": [{{Reference(phantom, slice)}}], "ContourGeometricType": "CLOSED_PLANAR", "NumberOfContourPoints": 4,
              "ContourData": ["{{Corner}}", "{{Corner}}", "{{z}}", "{{far}}", "{{Corner}}", "{{z}}", "{{far}}", "{{far}}", "{{z}}", "{{Corner}}", "{{far}}", "{{z}}"] }
            """;
    }

    private static string Z(int slice) => (slice * Phantom.SliceDistance).ToString(CultureInfo.InvariantCulture);

    // One bit a pixel, the first in the lowest bit (PS3.5 8.1.1).
    private static byte[] Mask(int frames)
    {
        var mask = new byte[frames * Phantom.Size * Phantom.Size / 8];
        for (var frame = 0; frame < frames; frame++)
        {
            for (var y = Corner; y < Corner + Side; y++)
            {
                for (var x = Corner; x < Corner + Side; x++)
                {
                    var bit = (((frame * Phantom.Size) + y) * Phantom.Size) + x;
                    mask[bit / 8] |= (byte)(1 << (bit % 8));
                }
            }
        }
        return mask;
    }
}
