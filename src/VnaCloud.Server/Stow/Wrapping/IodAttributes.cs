using VnaCloud.Dicom;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Attributes that an IOD wants (PS3.5 section 7.4) and metadata left out. What the sender said is never replaced.</summary>
internal static class IodAttributes
{
    /// <summary>Type 1: there with a value.</summary>
    public static void Require(DicomDataSet dataSet, DicomTag tag, DicomVr vr, Func<string> value)
    {
        if (dataSet[tag] is not { IsEmpty: false })
        {
            dataSet.Set(tag, vr, value());
        }
    }

    public static void Require(DicomDataSet dataSet, DicomTag tag, DicomVr vr, params IReadOnlyList<string> values)
    {
        if (dataSet[tag] is not { IsEmpty: false })
        {
            dataSet.Set(tag, vr, values);
        }
    }

    public static void Require(DicomDataSet dataSet, DicomTag tag, int value)
    {
        if (dataSet[tag] is not { IsEmpty: false })
        {
            dataSet.Set(tag, (ushort)value);
        }
    }

    /// <summary>Type 2: there, if only without a value.</summary>
    public static void Allow(DicomDataSet dataSet, params ReadOnlySpan<DicomTag> tags)
    {
        foreach (var tag in tags)
        {
            if (dataSet[tag] is not null)
            {
                continue;
            }
            var vr = DicomDictionary.VrOf(tag, null);
            dataSet.Set(vr == DicomVr.SQ ? new DicomElement(tag, Array.Empty<DicomDataSet>()) : new DicomElement(tag, vr, default(ReadOnlyMemory<byte>)));
        }
    }

    /// <summary>The modules of patient, study, series and equipment that all IODs have (PS3.3 sections C.7.1 to C.7.5).</summary>
    public static void CompleteCommon(DicomDataSet dataSet, string modality)
    {
        Require(dataSet, DicomTags.Modality, DicomVr.CS, modality);
        Allow(dataSet,
            DicomTags.PatientName, DicomTags.PatientID, DicomTags.PatientBirthDate, DicomTags.PatientSex,
            DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.ReferringPhysicianName, DicomTags.StudyID, DicomTags.AccessionNumber,
            DicomTags.Manufacturer, DicomTags.ContentDate, DicomTags.ContentTime);
    }
}
