using System.Globalization;
using VnaCloud.Dicom;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Pictures and videos: what their own header says (Image Pixel Description Macro, PS3.18 10.5.2), and the rest of an IOD where the metadata names no SOP class.</summary>
internal static class ImageWrapping
{
    private const string Storage = "1.2.840.10008.5.1.4.1.1";
    private const string SecondaryCapture = $"{Storage}.7";

    public static void Complete(DicomDataSet dataSet, PixelValue pixels, Identifiers identifiers)
    {
        if (pixels.Header is not { } header)
        {
            if (pixels.IsFile && dataSet[DicomTags.Rows] is not { IsEmpty: false })
            {
                throw BulkFaultException.Unreadable($"Rows (0028,0010) and the like are missing. {pixels.HeaderFault}");
            }
            return;
        }
        CompletePixelDescription(dataSet, header);
        if (header.IsVideo)
        {
            IodAttributes.Require(dataSet, DicomTags.NumberOfFrames, DicomVr.IS, () => header.Frames > 0 ? Text(header.Frames)
                : throw BulkFaultException.Unreadable("The video does not say how many frames it has: Number of Frames (0028,0008) has to."));
        }
        if (dataSet[DicomTags.SOPClassUID] is not { IsEmpty: false })
        {
            CompleteIod(dataSet, header, pixels, identifiers);
        }
        identifiers.Complete(dataSet);
    }

    /// <summary>The Image Pixel Description Macro (PS3.3 Table C.7-11c), whatever the metadata said.</summary>
    public static void SetPixelDescription(DicomDataSet dataSet, ImageHeader header)
    {
        foreach (var tag in new[]
        {
            DicomTags.SamplesPerPixel, DicomTags.PhotometricInterpretation, DicomTags.Rows, DicomTags.Columns, DicomTags.BitsAllocated,
            DicomTags.BitsStored, DicomTags.HighBit, DicomTags.PixelRepresentation, DicomTags.PlanarConfiguration,
        })
        {
            dataSet.Remove(tag);
        }
        CompletePixelDescription(dataSet, header);
    }

    private static void CompletePixelDescription(DicomDataSet dataSet, ImageHeader header)
    {
        IodAttributes.Require(dataSet, DicomTags.SamplesPerPixel, header.Samples);
        IodAttributes.Require(dataSet, DicomTags.PhotometricInterpretation, DicomVr.CS, header.Photometric);
        IodAttributes.Require(dataSet, DicomTags.Rows, header.Rows);
        IodAttributes.Require(dataSet, DicomTags.Columns, header.Columns);
        IodAttributes.Require(dataSet, DicomTags.BitsAllocated, header.Bits > 8 ? 16 : 8);
        IodAttributes.Require(dataSet, DicomTags.BitsStored, header.Bits);
        IodAttributes.Require(dataSet, DicomTags.HighBit, (int)(dataSet.Integer(DicomTags.BitsStored) ?? header.Bits) - 1);
        IodAttributes.Require(dataSet, DicomTags.PixelRepresentation, header.IsSigned ? 1 : 0);
        if (header.Samples > 1)
        {
            IodAttributes.Require(dataSet, DicomTags.PlanarConfiguration, 0);
        }
    }

    private static void CompleteIod(DicomDataSet dataSet, ImageHeader header, PixelValue pixels, Identifiers identifiers)
    {
        var modality = dataSet.String(DicomTags.Modality);
        var (sopClass, usual) = ClassOf(header, pixels.Frames, modality);
        dataSet.Set(DicomTags.SOPClassUID, DicomVr.UI, sopClass);
        IodAttributes.CompleteCommon(dataSet, usual);
        IodAttributes.Allow(dataSet, DicomTags.SeriesNumber, DicomTags.PatientOrientation);
        IodAttributes.Require(dataSet, DicomTags.InstanceNumber, DicomVr.IS, identifiers.NextNumber);
        IodAttributes.Require(dataSet, DicomTags.ImageType, DicomVr.CS, "ORIGINAL", "PRIMARY");
        CompleteCompression(dataSet, header, pixels);
        if (sopClass.StartsWith(SecondaryCapture + ".", StringComparison.Ordinal) || sopClass == SecondaryCapture)
        {
            IodAttributes.Require(dataSet, DicomTags.ConversionType, DicomVr.CS, "WSD");
        }
        else
        {
            IodAttributes.Allow(dataSet, DicomTags.AcquisitionContextSequence);
        }
        if (header.IsVideo)
        {
            CompleteCine(dataSet, header);
        }
        else if (pixels.Frames > 1)
        {
            CompleteMultiFrame(dataSet, header, pixels.Frames);
        }
    }

    // One picture is a photograph unless its modality or depth says otherwise; several in one instance are a multi-frame secondary capture.
    private static (string SopClass, string Modality) ClassOf(ImageHeader header, int frames, string modality)
    {
        if (header.IsVideo)
        {
            return (modality switch { "ES" => $"{Storage}.77.1.1.1", "GM" => $"{Storage}.77.1.2.1", _ => $"{Storage}.77.1.4.1" }, "XC");
        }
        if (frames > 1)
        {
            return (header.Samples, header.Bits) switch
            {
                (3, <= 8) => ($"{SecondaryCapture}.4", "OT"),
                (1, <= 8) => ($"{SecondaryCapture}.2", "OT"),
                (1, _) => ($"{SecondaryCapture}.3", "OT"),
                _ => throw BulkFaultException.Unreadable("There is no SOP class for frames of three times 16 bits: name one."),
            };
        }
        return (header.Bits, modality) switch
        {
            ( <= 8, "" or "XC") => ($"{Storage}.77.1.4", "XC"),
            ( <= 8, "ES") => ($"{Storage}.77.1.1", "ES"),
            ( <= 8, "GM") => ($"{Storage}.77.1.2", "GM"),
            _ => (SecondaryCapture, "OT"),
        };
    }

    private static void CompleteCompression(DicomDataSet dataSet, ImageHeader header, PixelValue pixels)
    {
        IodAttributes.Require(dataSet, DicomTags.LossyImageCompression, DicomVr.CS, header.LossyMethod is null ? "00" : "01");
        if (header.LossyMethod is { } method)
        {
            var frames = header.IsVideo ? dataSet.Integer(DicomTags.NumberOfFrames) ?? 1 : pixels.Frames;
            var native = (double)header.Rows * header.Columns * header.Samples * (header.Bits > 8 ? 2 : 1) * frames;
            IodAttributes.Require(dataSet, DicomTags.LossyImageCompressionRatio, DicomVr.DS, (native / pixels.Bytes).ToString("0.##", CultureInfo.InvariantCulture));
            IodAttributes.Require(dataSet, DicomTags.LossyImageCompressionMethod, DicomVr.CS, method);
        }
    }

    // Multi-frame and Cine Module (PS3.3 sections C.7.6.5 and C.7.6.6).
    private static void CompleteCine(DicomDataSet dataSet, ImageHeader header)
    {
        var time = header.FrameTime;
        if (time > 0)
        {
            IodAttributes.Require(dataSet, DicomTags.FrameTime, DicomVr.DS, time.ToString("0.######", CultureInfo.InvariantCulture));
            IodAttributes.Require(dataSet, DicomTags.CineRate, DicomVr.IS, Text((int)Math.Round(1000 / time)));
        }
        Point(dataSet, DicomTags.FrameTime);
    }

    // SC Multi-frame Image and Vector Module (PS3.3 sections C.8.6.3 and C.8.6.4): frames are pages.
    private static void CompleteMultiFrame(DicomDataSet dataSet, ImageHeader header, int frames)
    {
        IodAttributes.Require(dataSet, DicomTags.BurnedInAnnotation, DicomVr.CS, "YES");
        IodAttributes.Require(dataSet, DicomTags.PageNumberVector, DicomVr.IS, [.. Enumerable.Range(1, frames).Select(Text)]);
        Point(dataSet, DicomTags.PageNumberVector);
        if (header.Samples == 1)
        {
            IodAttributes.Require(dataSet, DicomTags.PresentationLUTShape, DicomVr.CS, "IDENTITY");
            IodAttributes.Require(dataSet, DicomTags.RescaleIntercept, DicomVr.DS, "0");
            IodAttributes.Require(dataSet, DicomTags.RescaleSlope, DicomVr.DS, "1");
            IodAttributes.Require(dataSet, DicomTags.RescaleType, DicomVr.LO, "US");
        }
    }

    private static void Point(DicomDataSet dataSet, DicomTag vector)
    {
        if (dataSet[DicomTags.FrameIncrementPointer] is not { IsEmpty: false } && DicomNumber.TryEncode(vector.ToHex(), DicomVr.AT, out var pointer))
        {
            dataSet.Set(new DicomElement(DicomTags.FrameIncrementPointer, DicomVr.AT, pointer));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
