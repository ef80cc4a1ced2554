namespace VnaCloud.Dicom;

/// <summary>A value that metadata only names (BulkDataURI of PS3.18 F.2.6, BulkData of PS3.19 A.1.5).</summary>
/// <param name="Tag">The element.</param>
/// <param name="Vr">Its value representation.</param>
/// <param name="Uri">The name, as given; it says nothing of where to look.</param>
/// <param name="Within">The data set or item around it, as far as it is read.</param>
/// <param name="Source">The character set that the metadata names, in which bulk text is written.</param>
public readonly record struct BulkDataReference(DicomTag Tag, DicomVr Vr, string Uri, DicomDataSet Within, SpecificCharacterSet Source);

/// <summary>Gives the element whose value metadata only names.</summary>
public delegate DicomElement BulkDataResolver(BulkDataReference reference);
