using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Dimse;

// C-STORE of CT slices of 527 KB out of memory:   PORT CALLED-AE ASSOCIATIONS OBJECTS   prints objects a second.
const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
var (port, called, associations, objects) = (Number(0), args[1], Number(2), Number(3));
var (dataSet, uidAt, uidLength) = Slice();
var left = objects;
var run = RandomNumberGenerator.GetInt32(100_000_000, 999_999_999);
var open = await Task.WhenAll(Enumerable.Range(0, associations).Select(_ => DimseAssociation.ConnectAsync(new DimseConnectOptions
{
    Host = "127.0.0.1",
    Port = port,
    CalledAeTitle = called,
    CallingAeTitle = "BENCH",
    Contexts = DimseConnectOptions.Propose((CtStorage, [TransferSyntax.ExplicitVrLittleEndian.Uid])),
})));
var started = Stopwatch.GetTimestamp();
await Task.WhenAll(open.Select(SendAsync));
var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
foreach (var association in open)
{
    await association.ReleaseAsync();
}
Console.WriteLine((objects / seconds).ToString("F1", CultureInfo.InvariantCulture));

async Task SendAsync(DimseAssociation association)
{
    var mine = (byte[])dataSet.Clone();
    var context = association.FindContext(CtStorage)!;
    for (int number; (number = Interlocked.Decrement(ref left)) >= 0;)
    {
        var uid = string.Create(CultureInfo.InvariantCulture, $"2.25.{run}{number:D9}").PadRight(uidLength, '1');
        Encoding.ASCII.GetBytes(uid, mine.AsSpan(uidAt));
        var response = await association.StoreAsync(context, new StoreInstance(CtStorage, uid), new MemoryStream(mine));
        if (!response.Status.IsSuccess)
        {
            throw new InvalidOperationException($"{response.Status} {response.ErrorComment}");
        }
    }
}

int Number(int argument) => int.Parse(args[argument], CultureInfo.InvariantCulture);

static (byte[] DataSet, int UidAt, int UidLength) Slice()
{
    var uid = "2.25." + new string('7', 25);
    var pixels = new byte[512 * 512 * 2];
    new Random(1).NextBytes(pixels);
    var data = new DicomDataSet()
        .Set(DicomTags.SOPClassUID, DicomVr.UI, CtStorage).Set(DicomTags.SOPInstanceUID, DicomVr.UI, uid)
        .Set(DicomTags.StudyInstanceUID, DicomVr.UI, "2.25.1").Set(DicomTags.SeriesInstanceUID, DicomVr.UI, "2.25.2")
        .Set(DicomTags.Modality, DicomVr.CS, "CT").Set(DicomTags.PatientID, DicomVr.LO, "BENCH").Set(DicomTags.PatientName, DicomVr.PN, "Bench^Store")
        .Set(DicomTags.SamplesPerPixel, (ushort)1).Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "MONOCHROME2")
        .Set(DicomTags.Rows, (ushort)512).Set(DicomTags.Columns, (ushort)512).Set(DicomTags.BitsAllocated, (ushort)16).Set(DicomTags.BitsStored, (ushort)12).Set(DicomTags.HighBit, (ushort)11).Set(DicomTags.PixelRepresentation, (ushort)0)
        .Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, pixels));
    var bytes = DicomWriter.EncodeDataSet(data, TransferSyntax.ExplicitVrLittleEndian).SelectMany(piece => piece.Bytes.ToArray()).ToArray();
    return (bytes, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(uid)), uid.Length);
}
