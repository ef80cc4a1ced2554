using VnaCloud.Dicom;
using VnaCloud.Gateway.Spool;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>What comes in is on the disk byte for byte, or not at all (checklist gateway 21 to 28).</summary>
public sealed class ReceiveTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Object_Received_IsAPart10FileWithTheDataSetUnchanged()
    {
        using var spool = new TestSpool();
        var arrival = Arrival.Ct("1.2.1", "1.2.3", rows: 300);
        var outcome = await arrival.IntoAsync(spool.Spool);
        Assert.Equal((ReceiveState.Stored, (ushort)0), (outcome.State, outcome.DimseStatus));
        Assert.Equal([$"{outcome.Receipt}.dcm"], spool.Files("queued"));
        Assert.Empty(spool.Files("incoming"));
        var file = await File.ReadAllBytesAsync(Path.Combine(spool.Folder, "queued", $"{outcome.Receipt}.dcm"));
        var reader = await DicomReader.ReadAsync(new MemorySource(file));
        Assert.Equal(arrival.DataSet, file[(int)reader.DataSetOffset..]);
        Assert.Equal(DicomReadWarnings.None, reader.Warnings);
        Assert.Equal("MODALITY", reader.FileMeta.String(DicomTags.SourceApplicationEntityTitle));
        Assert.Equal("MODALITY", reader.FileMeta.String(DicomTags.SendingApplicationEntityTitle));
        Assert.Equal("VNACLOUD", reader.FileMeta.String(DicomTags.ReceivingApplicationEntityTitle));
        Assert.Equal("1.2.3", reader.FileMeta.String(DicomTags.MediaStorageSOPInstanceUID));
        var queued = spool.Queue.TryTake(out _)!.Objects.Single();
        Assert.Equal(("1.2.1", "1.2.1.1", "1.2.3", "CT", "MODALITY"), (queued.StudyUid, queued.SeriesUid, queued.SopInstanceUid, queued.Modality, queued.CallingAe));
        Assert.Equal(file.Length, queued.Length);
    }

    [Fact]
    public async Task Corpus_Received_KeepsEveryDataSet()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        using var spool = new TestSpool();
        var files = Corpus.Sample(Corpus.Storable, 7);
        var refused = new List<string>();
        foreach (var file in files)
        {
            var arrival = Arrival.Of(await File.ReadAllBytesAsync(file.Path));
            var outcome = await arrival.IntoAsync(spool.Spool, 16_372);
            if (outcome.State != ReceiveState.Stored)
            {
                refused.Add($"{file.Path}: {outcome.State} {outcome.Comment}");
                continue;
            }
            var stored = await File.ReadAllBytesAsync(Path.Combine(spool.Folder, "queued", $"{outcome.Receipt}.dcm"));
            Assert.True(stored.AsSpan().EndsWith(arrival.DataSet), file.Path);
            Assert.Equal(arrival.From.TransferSyntaxUid, Arrival.Of(stored).From.TransferSyntaxUid);
        }
        output.WriteLine($"{files.Count} files, refused: {string.Join("; ", refused)}");
        // Without a SOP class in its data set no archive can say what it is.
        Assert.All(refused, line => Assert.Contains("SOP Class UID", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Object_CutOffAnywhere_IsNotUnderstood_AndLeavesNothing()
    {
        using var spool = new TestSpool();
        var arrival = Arrival.Ct("1.2.1", "1.2.3");
        var wholeUntil = arrival.DataSet.Length - 1;
        for (var length = 0; length <= wholeUntil; length++)
        {
            var outcome = await (arrival with { DataSet = arrival.DataSet[..length] }).IntoAsync(spool.Spool);
            // Between two elements a data set may end: it then lacks what identifies it, or its pixels only.
            Assert.True(outcome.State == ReceiveState.CannotUnderstand || IsElementEnd(arrival.DataSet, length), $"{length}: {outcome}");
        }
        Assert.Empty(spool.Files("incoming"));
    }

    [Fact]
    public async Task Object_ThatIsNotWhatTheRequestSays_IsAMismatch()
    {
        using var spool = new TestSpool();
        var arrival = Arrival.Ct("1.2.1", "1.2.3");
        var outcome = await (arrival with { From = arrival.From with { SopInstanceUid = "1.2.4" } }).IntoAsync(spool.Spool);
        Assert.Equal((ReceiveState.DataSetMismatch, (ushort)0xA900), (outcome.State, outcome.DimseStatus));
        outcome = await (arrival with { From = arrival.From with { SopClassUid = "1.2.840.10008.5.1.4.1.1.4" } }).IntoAsync(spool.Spool);
        Assert.Equal(ReceiveState.DataSetMismatch, outcome.State);
        Assert.Empty(spool.Files("queued"));
        Assert.Empty(spool.Files("incoming"));
    }

    [Theory]
    [InlineData(0x0020000Du, "")]
    [InlineData(0x0020000Eu, "")]
    [InlineData(0x00080018u, "")]
    [InlineData(0x00080016u, "")]
    [InlineData(0x0020000Du, "../../etc")]
    public async Task Object_WithoutWhatIdentifiesIt_IsNotUnderstood(uint tag, string value)
    {
        using var spool = new TestSpool();
        var spec = new InstanceSpec("1.2.1", "1.2.2", "1.2.3");
        var file = Instances.File(spec, Instances.DataSet(spec).Set(new DicomTag(tag), DicomVr.UI, value));
        var arrival = Arrival.Of(file);
        var outcome = await (arrival with { From = arrival.From with { SopInstanceUid = "1.2.3", SopClassUid = spec.SopClass } }).IntoAsync(spool.Spool);
        Assert.Equal((ReceiveState.CannotUnderstand, (ushort)0xC000), (outcome.State, outcome.DimseStatus));
        Assert.InRange(outcome.Comment.Length, 1, 64);
        Assert.Empty(spool.Files("queued"));
    }

    [Fact]
    public async Task Object_WithFileMetaInItsDataSet_IsNotUnderstood()
    {
        using var spool = new TestSpool();
        var arrival = Arrival.Ct("1.2.1", "1.2.3");
        byte[] element = [2, 0, 0x16, 0, (byte)'A', (byte)'E', 2, 0, (byte)'X', (byte)' '];
        var outcome = await (arrival with { DataSet = [.. element, .. arrival.DataSet] }).IntoAsync(spool.Spool);
        Assert.Equal(ReceiveState.CannotUnderstand, outcome.State);
    }

    [Fact]
    public async Task Association_ThatEndsHalfWay_LeavesNothing()
    {
        using var spool = new TestSpool();
        var arrival = Arrival.Ct("1.2.1", "1.2.3", rows: 500);
        await Assert.ThrowsAsync<EndOfStreamException>(() => spool.Spool.ReceiveAsync(arrival.From, new BreakingStream(arrival.DataSet[..400_000]), default));
        Assert.Empty(spool.Files("incoming"));
        Assert.Empty(spool.Files("queued"));
    }

    [Fact]
    public async Task Objects_WithTheSameUid_EachHaveTheirReceipt()
    {
        using var spool = new TestSpool();
        await Arrival.Ct("1.2.1", "1.2.3").StoreAsync(spool.Spool);
        await Arrival.Ct("1.2.1", "1.2.3").StoreAsync(spool.Spool);
        await Arrival.Ct("1.2.1", "1.2.3", seed: 4).StoreAsync(spool.Spool);
        Assert.Equal(3, spool.Files("queued").Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("                ")]
    [InlineData("BAD\u0000\u0007TITLE\\X")]
    [InlineData("A TITLE OF MORE THAN SIXTEEN")]
    public async Task AeTitle_ThatIsNone_DoesNotSpoilTheFile(string title)
    {
        using var spool = new TestSpool();
        var arrival = Arrival.Ct("1.2.1", "1.2.3");
        var outcome = await (arrival with { From = arrival.From with { CallingAe = title } }).IntoAsync(spool.Spool);
        var reader = await DicomReader.ReadAsync(new MemorySource(await File.ReadAllBytesAsync(Path.Combine(spool.Folder, "queued", $"{outcome.Receipt}.dcm"))));
        Assert.Equal(DicomReadWarnings.None, reader.Warnings);
        Assert.InRange(reader.FileMeta.String(DicomTags.SendingApplicationEntityTitle).Length, 0, 16);
    }

    private static bool IsElementEnd(byte[] dataSet, int length)
    {
        var reader = new DicomReader(new MemorySource((byte[])[.. new byte[128], .. "DICM"u8, 2, 0, 16, 0, (byte)'U', (byte)'I', 20, 0, .. "1.2.840.10008.1.2.1\0"u8, .. dataSet.AsSpan(0, length)]));
        Assert.True(reader.ReadFileMetaAsync(default).AsTask().IsCompletedSuccessfully);
        return reader.ReadDataSetAsync(default).AsTask().IsCompletedSuccessfully;
    }

    private sealed class BreakingStream(byte[] bytes) : VnaCloud.DicomWeb.ForwardStream
    {
        private int _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_at == bytes.Length)
            {
                throw new EndOfStreamException("aborted");
            }
            var count = Math.Min(buffer.Length, bytes.Length - _at);
            bytes.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return ValueTask.FromResult(count);
        }
    }
}
