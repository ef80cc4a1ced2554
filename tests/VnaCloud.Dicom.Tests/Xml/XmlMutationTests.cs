using System.Text;

namespace VnaCloud.Dicom.Tests.Xml;

/// <summary>Documents with characters changed, left out and repeated: a data set that can be written, or a fault.</summary>
public class XmlMutationTests
{
    private const int Cases = 20_000;

    private const string Seed = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><NativeDicomModel xml:space=\"preserve\" xmlns=\"" + DicomXmlReader.Namespace + "\">"
        + "<DicomAttribute tag=\"00080005\" vr=\"CS\"><Value number=\"1\">ISO_IR 100</Value></DicomAttribute>"
        + "<DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"1\"><Alphabetic><FamilyName>A&amp;ü</FamilyName></Alphabetic></PersonName></DicomAttribute>"
        + "<DicomAttribute tag=\"00280010\" vr=\"US\"><Value number=\"1\">512</Value><Value number=\"2\">1</Value></DicomAttribute>"
        + "<DicomAttribute tag=\"0040A730\" vr=\"SQ\"><Item number=\"1\"><DicomAttribute tag=\"00282000\" vr=\"OB\"><InlineBinary>AQID</InlineBinary></DicomAttribute></Item></DicomAttribute>"
        + "<DicomAttribute tag=\"00090001\" vr=\"FD\" privateCreator=\"ACME\"><Value number=\"1\">1e5</Value></DicomAttribute>"
        + "<DicomAttribute tag=\"7FE00010\" vr=\"OW\"><BulkData uri=\"x\"/></DicomAttribute></NativeDicomModel>";

    [Fact]
    public void Document_Mutated_IsReadOrRefused()
    {
        var random = new Random(4711);
        var (read, refused) = (0, 0);
        for (var i = 0; i < Cases; i++)
        {
            var bytes = Mutated(random);
            try
            {
                var data = DicomXmlReader.Read(new MemoryStream(bytes), reference => new DicomElement(reference.Tag, reference.Vr, default(ReadOnlyMemory<byte>)));
                using var again = new MemoryStream();
                DicomXmlWriter.Write(again, data);
                _ = DicomWriter.EncodeDataSet(data, TransferSyntax.ExplicitVrLittleEndian);
                read++;
            }
            catch (DicomFormatException)
            {
                refused++;
            }
        }
        Assert.True(read > Cases / 50 && refused > Cases / 20, $"{read} read, {refused} refused");
    }

    private static byte[] Mutated(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(Seed).ToList();
        for (var changes = random.Next(3); changes >= 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveRange(at, Math.Min(random.Next(20), bytes.Count - at - 1));
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(60), bytes.Count - at)));
                    break;
                default:
                    bytes[at] = (byte)random.Next(0x20, 0x7F);
                    break;
            }
        }
        return [.. bytes];
    }
}
