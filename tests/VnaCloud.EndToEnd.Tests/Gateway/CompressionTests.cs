using System.Buffers.Binary;
using System.Globalization;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>Compression on the way into the real archive, also of what the archive has in its original form.</summary>
public sealed class CompressionTests(ITestOutputHelper output)
{
    private const string Study = "2.25.5501";
    private const string Series = "2.25.5501.1";
    private const int Objects = 20;

    [Theory]
    [InlineData("JpegLs", "1.2.840.10008.1.2.4.80")]
    [InlineData("Htj2k", "1.2.840.10008.1.2.4.201")]
    public async Task Objects_GoCompressed_ButForThoseThatTheArchiveHasAsTheyCame(string compression, string syntax)
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        await using var archive = await ServerProcess.StartAsync();
        using var client = new ArchiveClient(archive.BaseUrl);
        await using var site = new GatewaySite(archive.BaseUrl, null, $"--Gateway:Archive:Compression={compression}", $"--Gateway:Codecs:Program={NativeCodecs.Program}");
        await site.StartAsync();
        // Number 1 came another way.
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.StowAsync(File(1))).Status);
        await using (var association = await Modality.ConnectAsync(site.EndPoint, "CT1"))
        {
            for (var number = 1; number <= Objects; number++)
            {
                Assert.True((await Modality.StoreAsync(association, Sop(number), File(number))).IsSuccess);
            }
            await association.ReleaseAsync();
        }
        await site.DrainAsync();
        Assert.Empty(site.Files("outgoing"));
        var compressed = 0;
        for (var number = 1; number <= Objects; number++)
        {
            using var answer = await client.SendAsync($"studies/{Study}/series/{Series}/instances/{Sop(number)}", "application/dicom; transfer-syntax=*");
            var stored = await answer.Content.ReadAsByteArrayAsync();
            await using var reader = new DicomReader(new MemorySource(stored));
            await reader.ReadFileMetaAsync(default);
            Assert.Equal(number == 1 ? TransferSyntax.ExplicitVrLittleEndian.Uid : syntax, reader.TransferSyntax.Uid);
            compressed += stored.Length;
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{compression}: {(long)Objects * File(1).Length} bytes came, {compressed} are stored"));
    }

    private static string Sop(int number) => string.Create(CultureInfo.InvariantCulture, $"{Series}.{number}");

    // Values that change slowly, as a scanner's.
    private static byte[] File(int number)
    {
        var spec = new InstanceSpec(Study, Series, Sop(number)) { InstanceNumber = number, Rows = 256, Columns = 256 };
        var pixels = new byte[2 * 256 * 256];
        for (var i = 0; i < pixels.Length / 2; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(2 * i), (ushort)((number * 7) + (i % 256) + (i / 256)));
        }
        var data = Instances.DataSet(spec).Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, pixels));
        return Instances.File(spec, data);
    }
}
