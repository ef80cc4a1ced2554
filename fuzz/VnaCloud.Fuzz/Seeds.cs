using System.Buffers;
using VnaCloud.Dicom;

namespace VnaCloud.Fuzz;

/// <summary>Good files to begin with: made here, so that the fuzzing needs nothing else, and small ones of a folder where there is one.</summary>
internal static class Seeds
{
    private const int SmallFile = 64 * 1024;

    public static byte[] DeflatedMeta { get; } = DicomWriter.ToArray(new DicomDataSet(), new DicomDataSet(), TransferSyntax.DeflatedExplicitVrLittleEndian)[..^2];

    public static IReadOnlyList<byte[]> Part10(string? folder)
    {
        var seeds = new List<byte[]>();
        foreach (var syntax in new[] { TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian, TransferSyntax.DeflatedExplicitVrLittleEndian })
        {
            foreach (var terms in (string[])["", "ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 87", "GB18030"])
            {
                seeds.Add(DicomWriter.ToArray(new DicomDataSet(), DataSet(terms), syntax, seeds.Count % 2 == 0 ? SequenceLengths.Defined : SequenceLengths.Undefined));
            }
        }
        seeds.Add(DicomWriter.ToArray(new DicomDataSet(), Encapsulated(), TransferSyntax.Get("1.2.840.10008.1.2.5")));
        if (folder is not null && Directory.Exists(folder))
        {
            seeds.AddRange(Directory.EnumerateFiles(folder, "*.dcm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Where(path => new FileInfo(path).Length < SmallFile).Select(File.ReadAllBytes));
        }
        return seeds;
    }

    /// <summary>The seeds' DICOM JSON, as far as they can be read.</summary>
    public static async Task<IReadOnlyList<byte[]>> JsonAsync(IReadOnlyList<byte[]> files)
    {
        var seeds = new List<byte[]>();
        foreach (var file in files)
        {
            await using var reader = new DicomReader(new MemorySource(file));
            try
            {
                await reader.ReadFileMetaAsync(default);
                await reader.ReadDataSetAsync(default);
            }
            catch (DicomFormatException)
            {
                continue;
            }
            reader.DataSet.Remove(DicomTags.PixelData);
            var output = new ArrayBufferWriter<byte>();
            new DicomJsonWriter(output, new DicomJsonOptions { InlineLimit = int.MaxValue }).Write(reader.DataSet);
            seeds.Add(output.WrittenSpan.ToArray());
        }
        return seeds;
    }

    /// <summary>Where the data set of a little file begins, roughly: after the group length's word.</summary>
    public static int DataSetOffset(byte[] bytes) => bytes.Length < 144 ? 0 : Math.Min(bytes.Length, 144 + BitConverter.ToUInt16(bytes, 140));

    private static DicomDataSet DataSet(string terms)
    {
        var dataSet = new DicomDataSet();
        dataSet.Set(DicomTags.SpecificCharacterSet, DicomVr.CS, terms).Set(DicomTags.SOPInstanceUID, DicomVr.UI, "1.2.3.4")
            .Set(DicomTags.StudyInstanceUID, DicomVr.UI, "1.2.3").Set(DicomTags.PatientName, DicomVr.PN, "Yamada^Tarou=山田^太郎=やまだ^たろう")
            .Set(DicomTags.PixelSpacing, DicomVr.DS, "0.5", "0.25").Set(DicomTags.NumberOfFrames, DicomVr.IS, "3")
            .Set(DicomTags.Rows, 5).Set(DicomTags.Columns, 5).Set(DicomTags.BitsAllocated, 1).Set(DicomTags.SamplesPerPixel, 1)
            .Set(new DicomElement(new DicomTag(0x0009_1001), DicomVr.UN, new byte[] { 1, 2, 3, 4 }))
            .Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, new byte[10]));
        var item = new DicomDataSet { Parent = dataSet };
        item.Set(DicomTags.CodeValue, DicomVr.SH, "T-1").Set(DicomTags.CodeMeaning, DicomVr.LO, "Meaning");
        var outer = new DicomDataSet { Parent = dataSet };
        outer.Set(new DicomElement(DicomTags.ConceptNameCodeSequence, [item]));
        return dataSet.Set(new DicomElement(DicomTags.ContentSequence, [outer, new DicomDataSet { Parent = dataSet }]));
    }

    private static DicomDataSet Encapsulated()
    {
        var dataSet = DataSet("ISO_IR 192");
        var pixels = new EncapsulatedPixelData { Values = [new byte[16], new byte[16], new byte[16]] };
        return dataSet.Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, pixels));
    }
}
