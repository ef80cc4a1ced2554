using VnaCloud.Dicom;
using VnaCloud.Gateway.Spool;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>An object as C-STORE brings it: what the association says, and a data set without File Meta Information.</summary>
internal sealed record Arrival(ReceivedFrom From, byte[] DataSet)
{
    public static Arrival Ct(string study, string sop, int number = 1, int seed = 0, string modality = "CT", ushort rows = 8) =>
        Of(Instances.File(new InstanceSpec(study, study + ".1", sop) { InstanceNumber = number, Seed = seed, Modality = modality, Rows = rows, Columns = rows }));

    /// <summary>Of a PS3.10 file.</summary>
    public static Arrival Of(byte[] file)
    {
        var reader = new DicomReader(new MemorySource(file));
        var meta = reader.ReadFileMetaAsync(default).AsTask();
        Assert.True(meta.IsCompletedSuccessfully);
        var body = reader.ReadDataSetAsync(DicomTags.FloatPixelData, default).AsTask();
        Assert.True(body.IsCompletedSuccessfully);
        var from = new ReceivedFrom(
            "MODALITY", "VNACLOUD", ObjectFacts.Uid(reader.DataSet, DicomTags.SOPClassUID), ObjectFacts.Uid(reader.DataSet, DicomTags.SOPInstanceUID), reader.TransferSyntax.Uid);
        return new Arrival(from, file[(int)reader.DataSetOffset..]);
    }

    public Task<ReceiveOutcome> IntoAsync(ObjectSpool spool, int piece = 16 * 1024) => spool.ReceiveAsync(From, new PieceStream(DataSet, piece), CancellationToken.None);

    public async Task StoreAsync(ObjectSpool spool) => Assert.Equal(ReceiveState.Stored, (await IntoAsync(spool)).State);
}

/// <summary>Bytes as P-DATA brings them, in pieces.</summary>
internal sealed class PieceStream(byte[] bytes, int piece) : VnaCloud.DicomWeb.ForwardStream
{
    private int _at;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - _at);
        bytes.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return ValueTask.FromResult(count);
    }
}
