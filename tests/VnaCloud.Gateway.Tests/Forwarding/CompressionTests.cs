using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using VnaCloud.Dicom;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Tests.Spool;
using VnaCloud.Imaging;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>Lossless compression on the way: the received data set can be had again, byte for byte, or it goes as it came.</summary>
public sealed class CompressionTests
{
    private const string JpegLs = "1.2.840.10008.1.2.4.80";
    private const string Htj2k = "1.2.840.10008.1.2.4.201";

    [Theory]
    [InlineData(JpegLs, 1, 512)]
    [InlineData(Htj2k, 1, 512)]
    [InlineData(JpegLs, 5, 128)]
    [InlineData(Htj2k, 5, 128)]
    public async Task Image_Compressed_IsTheReceivedDataSetOnceItsFramesAreDecodedInPlace(string target, int frames, int side)
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        using var folder = new Folder();
        await using var pool = Pool(NativeCodecs.Program);
        var file = Smooth("1.2.9.1", frames, (ushort)side);
        var made = await CompressAsync(pool, folder, file, target);
        Assert.NotNull(made);
        var compressed = await File.ReadAllBytesAsync(made.Path);
        Assert.Equal(made.Length, compressed.Length);
        Assert.True(compressed.Length * 10 <= file.Length * 9);
        var original = Arrival.Of(file).DataSet;
        var restored = await RestoreAsync(pool, compressed, target, original);
        Assert.Equal(original, restored);
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(restored)), made.Digest);
    }

    [Fact]
    public async Task Image_ThatWouldHardlyBeSmallerOrNeedsOtherAttributes_GoesAsItCame()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        using var folder = new Folder();
        await using var pool = Pool(NativeCodecs.Program);
        var spec = Spec("1.2.9.1", 1, 128);
        var noise = Instances.File(spec);
        Assert.Null(await CompressAsync(pool, folder, noise, JpegLs));
        var colour = Smooth("1.2.9.2", 1, 128, data => data
            .Set(DicomTags.SamplesPerPixel, (ushort)3).Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "RGB").Set(DicomTags.PlanarConfiguration, (ushort)0)
            .Set(DicomTags.BitsAllocated, (ushort)8).Set(DicomTags.BitsStored, (ushort)8).Set(DicomTags.HighBit, (ushort)7)
            .Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new byte[128 * 128 * 3])));
        Assert.Null(await CompressAsync(pool, folder, colour, Htj2k));
        Assert.NotNull(await CompressAsync(pool, folder, colour, JpegLs));
        var longer = Smooth("1.2.9.3", 1, 128, data => data.Set(DicomTags.Rows, (ushort)127));
        Assert.Null(await CompressAsync(pool, folder, longer, JpegLs));
        var implicitVr = Instances.File(spec with { Syntax = TransferSyntax.ImplicitVrLittleEndian });
        Assert.Null(await CompressAsync(pool, folder, implicitVr, JpegLs));
        Assert.Null(await CompressAsync(pool, folder, Smooth("1.2.9.4", 1, 128, data => data.Remove(DicomTags.PixelData)), JpegLs));
    }

    [Fact]
    public async Task Worker_ThatDoesNotStart_LeavesTheOriginal_AndIsAskedAgainAMinuteLater()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        using var folder = new Folder();
        using var other = new Folder();
        var program = other.File("vna-codec", [0]);
        await using var pool = Pool(program);
        var time = new SetTime();
        var compressor = new Compressor(pool, time, NullLogger<Compressor>.Instance);
        var path = folder.File("1.dcm", Smooth("1.2.9.1", 1, 128));
        Assert.Null(await TryAsync());
        File.Delete(program);
        File.Copy(NativeCodecs.Program, program);
        Assert.Null(await TryAsync());
        time.Now += TimeSpan.FromSeconds(61);
        Assert.NotNull(await TryAsync());

        Task<CompressedObject?> TryAsync() => compressor.TryAsync(path, path + ".part", TransferSyntax.Get(JpegLs), CancellationToken.None);
    }

    [Fact]
    public async Task Objects_GoCompressedWithTheirDigest_AndOneThatIsRefusedSoGoesAsItCame()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        const string Known = "1.2.9.3";
        await using var archive = new ScriptedArchive((request, self) => request.Exchange.Number == 1
            ? request.Exchange.AnswerAsync(503)
            : self.StoreAsync(request, sop => sop == Known && SyntaxOf(request, sop) == JpegLs ? (ushort)0x0111 : null));
        await using var forwarding = new TestForwarding(archive.Url, min: 1, max: 1, compression: ForwardCompression.JpegLs);
        var originals = new Dictionary<string, byte[]>();
        for (var i = 1; i <= 6; i++)
        {
            var arrival = Arrival.Of(Smooth($"1.2.9.{i}", 1, 128));
            originals.Add(arrival.From.SopInstanceUid, arrival.DataSet);
            await arrival.StoreAsync(forwarding.Spool.Spool);
        }
        await forwarding.StartAsync();
        await forwarding.DrainAsync();

        Assert.Equal(originals.Keys.Order(), archive.Stored.Keys.Order());
        Assert.Empty(forwarding.Spool.Files("quarantined"));
        Assert.Empty(forwarding.Spool.Files("outgoing"));
        Assert.Equal(originals[Known], Assert.Single(archive.Stored[Known]));
        var requests = archive.Requests.ToList();
        // The same again has the same key, other forms have another.
        Assert.Equal(requests[0].Batch, requests[1].Batch);
        Assert.NotEqual(requests[1].Batch, requests[2].Batch);
        Assert.Equal([Known], requests[2].Sops);
        Assert.False(requests[2].Exchange.Headers.ContainsKey("X-Original-Digest"));
        var digests = requests[1].Exchange.Headers["X-Original-Digest"].Split(',').Select(one => one.Split("=sha-256:")).ToDictionary(pair => pair[0].Trim(), pair => pair[1]);
        var receipts = requests[1].Exchange.Headers["X-Request-Id"].Split(',');
        foreach (var (sop, receipt) in requests[1].Sops.Zip(receipts))
        {
            Assert.Equal(JpegLs, SyntaxOf(requests[1], sop));
            Assert.Equal(Convert.ToBase64String(SHA256.HashData(originals[sop])), digests[receipt.Trim()]);
        }
    }

    private static string SyntaxOf(StowRequest request, string sop) => request.Instances.Single(instance => instance.From.SopInstanceUid == sop).From.TransferSyntaxUid;

    private static CodecPool Pool(string program) => new(new CodecOptions { Program = program }, TimeProvider.System);

    private static Task<CompressedObject?> CompressAsync(CodecPool pool, Folder folder, byte[] file, string target)
    {
        var path = folder.File($"{Guid.NewGuid():N}.dcm", file);
        return new Compressor(pool, TimeProvider.System, NullLogger<Compressor>.Instance).TryAsync(path, path + ".part", TransferSyntax.Get(target), CancellationToken.None);
    }

    // What is before and behind the fragments, with the frames between.
    private static async Task<byte[]> RestoreAsync(CodecPool pool, byte[] file, string target, byte[] original)
    {
        var reader = await DicomReader.ReadAsync(new MemorySource(file));
        Assert.Equal(target, reader.TransferSyntax.Uid);
        var pixels = ImagePixels.Of(reader.DataSet);
        var frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
        Assert.Equal((FrameLayout.Encapsulated, pixels.Frames), (frames.Layout, frames.Count));
        var element = (int)frames.PixelOffset - 12;
        using var restored = new MemoryStream();
        restored.Write(file, (int)reader.DataSetOffset, element - (int)reader.DataSetOffset);
        restored.Write(PixelDataElement.NativeHeader(pixels, pixels.FrameLength * frames.Count));
        var decoder = new FrameDecoder(pool);
        foreach (var range in frames.Ranges)
        {
            Assert.Equal(1, range.Fragments);
            using var frame = await decoder.DecodeAsync(reader.TransferSyntax, pixels, file.AsMemory((int)range.Offset + 8, (int)range.Length - 8), CancellationToken.None);
            restored.Write(frame.Bytes.Span);
        }
        restored.Write(file.AsSpan((int)(frames.PixelOffset + frames.PixelLength) + 8));
        Assert.True(original.Length > 0);
        return restored.ToArray();
    }

    private static InstanceSpec Spec(string sop, int frames, ushort side) => new("1.2.1", "1.2.1.1", sop) { Frames = frames, Rows = side, Columns = side };

    // Pixels as of a scanner: values that change slowly; and something behind them.
    private static byte[] Smooth(string sop, int frames, ushort side, Action<DicomDataSet>? change = null)
    {
        var spec = Spec(sop, frames, side);
        var data = Instances.DataSet(spec);
        var pixels = new byte[2 * side * side * frames];
        for (var i = 0; i < pixels.Length / 2; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(2 * i), (ushort)(((i % side) + (i / side) + ((i * 2_654_435_761L) >> 7) % 5) & 0xFFF));
        }
        data.Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, pixels));
        data.Set(new DicomElement(new DicomTag(0xFFFC_FFFC), DicomVr.OB, new byte[64]));
        change?.Invoke(data);
        return Instances.File(spec, data);
    }
}
