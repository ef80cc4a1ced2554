using VnaCloud.Dicom;

namespace VnaCloud.EndToEnd.Tests.Viewer;

/// <summary>A slide in two levels of tiles of 128 x 128 pixels (PS3.3 A.32.8): its left half is red, its right half blue.</summary>
internal sealed record SlidePhantom(string Study)
{
    private const int Tile = 128;

    public IEnumerable<byte[]> Files() => [Level(1, 1024, 0.001), Level(2, 256, 0.004)];

    private byte[] Level(int number, int size, double spacing)
    {
        var tiles = size / Tile;
        var data = NaturalObject.Read($$"""
            { {{new Phantom(Study) { Description = "Slide", PatientId = "VIEWER-2", PatientName = "Slide^Viewer" }.Common("1.2.840.10008.5.1.4.1.1.77.1.6", $"{Study}.1", $"{Study}.1.{number}", "SM", 1)}},
              "ImageType": ["{{(number == 1 ? "ORIGINAL" : "DERIVED")}}", "PRIMARY", "VOLUME", "{{(number == 1 ? "NONE" : "RESAMPLED")}}"], "InstanceNumber": {{number}}, "FrameOfReferenceUID": "{{Study}}.9", "PositionReferenceIndicator": "SLIDE_CORNER",
              "AcquisitionDateTime": "20260202101700", "AcquisitionDuration": 1, "VolumetricProperties": "VOLUME", "BurnedInAnnotation": "NO", "LossyImageCompression": "00", "SpecimenLabelInImage": "NO", "FocusMethod": "AUTO", "ExtendedDepthOfField": "NO",
              "SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0, "Rows": {{Tile}}, "Columns": {{Tile}}, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0,
              "NumberOfFrames": {{tiles * tiles}}, "ImagedVolumeWidth": 1.024, "ImagedVolumeHeight": 1.024, "ImagedVolumeDepth": 1, "TotalPixelMatrixColumns": {{size}}, "TotalPixelMatrixRows": {{size}}, "TotalPixelMatrixFocalPlanes": 1,
              "TotalPixelMatrixOriginSequence": [{ "XOffsetInSlideCoordinateSystem": 20, "YOffsetInSlideCoordinateSystem": 40 }], "ImageOrientationSlide": [0, -1, 0, -1, 0, 0],
              "DimensionOrganizationType": "TILED_FULL", "NumberOfOpticalPaths": 1,
              "OpticalPathSequence": [{ "OpticalPathIdentifier": "1", "OpticalPathDescription": "Brightfield",
                "IlluminationTypeCodeSequence": [{ "CodeValue": "111744", "CodingSchemeDesignator": "DCM", "CodeMeaning": "Brightfield illumination" }],
                "IlluminationColorCodeSequence": [{ "CodeValue": "414298005", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Full Spectrum" }] }],
              "ContainerIdentifier": "SLIDE-1", "ContainerTypeCodeSequence": [{ "CodeValue": "433466003", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Microscope slide" }],
              "SpecimenDescriptionSequence": [{ "SpecimenIdentifier": "S-1", "SpecimenUID": "{{Study}}.8" }],
              "SharedFunctionalGroupsSequence": [{
                "PixelMeasuresSequence": [{ "PixelSpacing": [{{spacing.ToString(System.Globalization.CultureInfo.InvariantCulture)}}, {{spacing.ToString(System.Globalization.CultureInfo.InvariantCulture)}}], "SliceThickness": 1 }],
                "WholeSlideMicroscopyImageFrameTypeSequence": [{ "FrameType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"] }],
                "OpticalPathIdentificationSequence": [{ "OpticalPathIdentifier": "1" }] }] }
            """);
        return NaturalObject.File(data.Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, Pixels(tiles))));
    }

    private static byte[] Pixels(int tiles)
    {
        var pixels = new byte[3L * tiles * tiles * Tile * Tile];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var column = i / 3 / (Tile * Tile) % tiles;
            pixels[i + (column < tiles / 2 ? 0 : 2)] = 200;
        }
        return pixels;
    }
}
