namespace VnaCloud.Server.Wado.Rendered;

/// <summary>Names of the SOP Classes that reports are of and speak of most (PS3.6 Annex A).</summary>
internal static class ReportClasses
{
    // 1.2.840.10008.5.1.4.1.1.88.*: every report of PS3.3 Annex A.35 but the macular grid's.
    private const string StorageRoot = "1.2.840.10008.5.1.4.1.1.";
    private const string ReportRoot = $"{StorageRoot}88.";
    private const string MacularGridReport = $"{StorageRoot}79.1";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["1.1"] = "Digital X-ray image", ["1.1.1"] = "Digital X-ray image (processing)", ["1"] = "CR image",
        ["1.2"] = "Mammography image", ["1.2.1"] = "Mammography image (processing)", ["1.3"] = "Intra-oral X-ray image",
        ["2"] = "CT image", ["2.1"] = "Enhanced CT image", ["3.1"] = "Ultrasound multi-frame image", ["4"] = "MR image",
        ["4.1"] = "Enhanced MR image", ["4.2"] = "MR spectroscopy", ["4.3"] = "Enhanced MR colour image", ["6.1"] = "Ultrasound image",
        ["6.2"] = "Enhanced ultrasound volume", ["7"] = "Secondary capture image", ["7.1"] = "Secondary capture images, 1 bit",
        ["7.2"] = "Secondary capture images, 8 bits", ["7.3"] = "Secondary capture images, 16 bits", ["7.4"] = "Secondary capture images, colour",
        ["9.1.1"] = "12-lead ECG", ["9.1.2"] = "General ECG", ["9.1.3"] = "Ambulatory ECG", ["9.2.1"] = "Hemodynamic waveform",
        ["9.3.1"] = "Cardiac electrophysiology waveform", ["9.4.1"] = "Basic voice audio", ["11.1"] = "Grayscale presentation state",
        ["11.2"] = "Colour presentation state", ["11.3"] = "Pseudo-colour presentation state", ["11.4"] = "Blending presentation state",
        ["12.1"] = "X-ray angiography image", ["12.1.1"] = "Enhanced X-ray angiography image", ["12.2"] = "X-ray fluoroscopy image",
        ["12.2.1"] = "Enhanced X-ray fluoroscopy image", ["13.1.3"] = "Breast tomosynthesis image", ["20"] = "Nuclear medicine image",
        ["66"] = "Raw data", ["66.1"] = "Spatial registration", ["66.4"] = "Segmentation", ["67"] = "Real world value mapping",
        ["77.1.1"] = "Endoscopic image", ["77.1.2"] = "Microscopic image", ["77.1.4"] = "Photograph", ["77.1.5.1"] = "Ophthalmic photograph",
        ["77.1.6"] = "Whole slide microscopy image", ["79.1"] = "Macular Grid Thickness and Volume Report", ["88.11"] = "Basic Text SR",
        ["88.22"] = "Enhanced SR", ["88.33"] = "Comprehensive SR", ["88.34"] = "Comprehensive 3D SR", ["88.35"] = "Extensible SR",
        ["88.40"] = "Procedure Log", ["88.50"] = "Mammography CAD SR", ["88.59"] = "Key Object Selection Document", ["88.65"] = "Chest CAD SR",
        ["88.67"] = "X-Ray Radiation Dose SR", ["88.68"] = "Radiopharmaceutical Radiation Dose SR", ["88.69"] = "Colon CAD SR",
        ["88.70"] = "Implantation Plan SR", ["88.71"] = "Acquisition Context SR", ["88.72"] = "Simplified Adult Echo SR",
        ["88.73"] = "Patient Radiation Dose SR", ["88.74"] = "Planned Imaging Agent Administration SR",
        ["88.75"] = "Performed Imaging Agent Administration SR", ["88.76"] = "Enhanced X-Ray Radiation Dose SR",
        ["88.77"] = "Waveform Annotation SR", ["104.1"] = "Encapsulated PDF", ["104.2"] = "Encapsulated CDA", ["128"] = "PET image",
        ["130"] = "Enhanced PET image", ["481.1"] = "RT image", ["481.2"] = "RT dose", ["481.3"] = "RT structure set", ["481.5"] = "RT plan",
    };

    /// <summary>The SOP Class is one of reports.</summary>
    public static bool IsReport(string sopClassUid) => sopClassUid.StartsWith(ReportRoot, StringComparison.Ordinal) || sopClassUid == MacularGridReport;

    /// <summary>What people call an instance of the class; of those not listed the UID, of none the empty string.</summary>
    public static string NameOf(string sopClassUid) =>
        sopClassUid.StartsWith(StorageRoot, StringComparison.Ordinal) && Names.TryGetValue(sopClassUid[StorageRoot.Length..], out var name) ? name : sopClassUid;
}
