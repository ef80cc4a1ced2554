using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Dimse;

// C-STORE of CT slices out of memory:   PORT CALLED-AE ASSOCIATIONS OBJECTS [FILE...]   prints objects a second, the Unix time of the first, bytes of all.
// Without files it is noise, 527 KB a slice. Of files (CT Image Storage) copies go, in Explicit VR Little Endian, as one study, each with a UID of its own.
const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
var (port, called, associations, objects) = (Number(0), args[1], Number(2), Number(3));
var slices = args.Length > 4 ? await Task.WhenAll(args[4..].Select(ReadAsync)) : [Noise()];
var left = objects;
var sent = 0L;
var run = RandomNumberGenerator.GetInt32(100_000_000, 999_999_999);
var open = await Task.WhenAll(Enumerable.Range(0, associations).Select(_ => DimseAssociation.ConnectAsync(new DimseConnectOptions
{
    Host = "127.0.0.1",
    Port = port,
    CalledAeTitle = called,
    CallingAeTitle = "BENCH",
    Contexts = DimseConnectOptions.Propose((CtStorage, [TransferSyntax.ExplicitVrLittleEndian.Uid])),
})));
var began = TimeProvider.System.GetUtcNow();
var started = Stopwatch.GetTimestamp();
await Task.WhenAll(open.Select(SendAsync));
var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
foreach (var association in open)
{
    await association.ReleaseAsync();
}
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{objects / seconds:F1} {began.ToUnixTimeMilliseconds() / 1000.0:F3} {sent}"));

async Task SendAsync(DimseAssociation association)
{
    var mine = slices.Select(slice => slice with { Bytes = [.. slice.Bytes] }).ToList();
    var context = association.FindContext(CtStorage)!;
    for (int number; (number = Interlocked.Decrement(ref left)) >= 0;)
    {
        var slice = mine[number % mine.Count];
        var uid = string.Create(CultureInfo.InvariantCulture, $"2.25.{run}{number:D9}").PadRight(Slice.Uid.Length, '1');
        Encoding.ASCII.GetBytes(uid, slice.Bytes.AsSpan(slice.UidAt));
        Interlocked.Add(ref sent, slice.Bytes.Length);
        var response = await association.StoreAsync(context, new StoreInstance(CtStorage, uid), new MemoryStream(slice.Bytes));
        if (!response.Status.IsSuccess)
        {
            throw new InvalidOperationException($"{response.Status} {response.ErrorComment}");
        }
    }
}

int Number(int argument) => int.Parse(args[argument], CultureInfo.InvariantCulture);

static Slice Noise()
{
    var pixels = new byte[512 * 512 * 2];
    new Random(1).NextBytes(pixels);
    return Slice.Of(new DicomDataSet()
        .Set(DicomTags.SOPClassUID, DicomVr.UI, CtStorage)
        .Set(DicomTags.Modality, DicomVr.CS, "CT")
        .Set(DicomTags.SamplesPerPixel, (ushort)1).Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "MONOCHROME2")
        .Set(DicomTags.Rows, (ushort)512).Set(DicomTags.Columns, (ushort)512).Set(DicomTags.BitsAllocated, (ushort)16).Set(DicomTags.BitsStored, (ushort)12).Set(DicomTags.HighBit, (ushort)11).Set(DicomTags.PixelRepresentation, (ushort)0)
        .Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, pixels)));
}

static async Task<Slice> ReadAsync(string path)
{
    var bytes = await File.ReadAllBytesAsync(path);
    return Slice.Of((await DicomReader.ReadAsync(new MemorySource(bytes), new DicomReadOptions { KeepPixelData = int.MaxValue })).DataSet);
}

// A data set, and where its UID is.
internal sealed record Slice(byte[] Bytes, int UidAt)
{
    public static readonly string Uid = "2.25." + new string('7', 25);

    public static Slice Of(DicomDataSet data)
    {
        data.Set(DicomTags.SOPInstanceUID, DicomVr.UI, Uid)
            .Set(DicomTags.StudyInstanceUID, DicomVr.UI, "2.25.1").Set(DicomTags.SeriesInstanceUID, DicomVr.UI, "2.25.2")
            .Set(DicomTags.PatientID, DicomVr.LO, "BENCH").Set(DicomTags.PatientName, DicomVr.PN, "Bench^Store");
        var bytes = DicomWriter.EncodeDataSet(data, TransferSyntax.ExplicitVrLittleEndian).SelectMany(piece => piece.Bytes.ToArray()).ToArray();
        return new Slice(bytes, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Uid)));
    }
}
