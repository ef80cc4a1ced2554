using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.Server.Wado;

namespace VnaCloud.Server.Tests.Wado;

public sealed class ZipTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    [Fact]
    [Trait("dicomweb", "118")]
    [Trait("attacks", "31")]
    public async Task Zip_OfAStudy_OpensEverywhere()
    {
        await using var server = await WireServer.BorrowAsync();
        var files = Enumerable.Range(1, 5).Select(i => Files.Ct($"1.{i}")).Append(Files.Ct("2.1", series: "1.2.9")).ToArray();
        await server.StoreAsync(files);
        using var response = await server.GetAsync($"studies/{Files.Study}", ("Accept", "application/zip"));
        var zip = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("application/zip", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(zip.Length, response.Content.Headers.ContentLength);
        Assert.Matches("^attachment; filename=\"?[0-9A-HJKMNP-TV-Z]{26}\\.zip\"?$", response.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal(zip, await server.BytesAsync($"studies/{Files.Study}", ("Accept", "application/zip")));

        using var archive = new ZipArchive(new MemoryStream(zip));
        Assert.Equal(files.Select(Convert.ToHexString).Order(StringComparer.Ordinal), archive.Entries.Select(Read).Select(Convert.ToHexString).Order(StringComparer.Ordinal));
        Assert.All(archive.Entries, entry => Assert.Matches(@"^S000\d/I00000\d\.dcm$", entry.FullName));

        var path = Path.Combine(server.Folder, "study.zip");
        await File.WriteAllBytesAsync(path, zip);
        await RunAsync("unzip", "-tqq", path);
        await RunAsync("/usr/bin/python3", "-c", "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None and len(z.namelist()) == 6", path);
    }

    [Fact]
    [Trait("dicomweb", "118")]
    public async Task Zip_OfASeries_HoldsThatSeriesAndOfAnInstanceThereIsNone()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("2.1", series: "1.2.9"));
        using var archive = new ZipArchive(new MemoryStream(await server.BytesAsync($"studies/{Files.Study}/series/1.2.9", ("Accept", "application/zip"))));
        Assert.Equal(Files.Ct("2.1", series: "1.2.9"), Read(Assert.Single(archive.Entries)));
        using var instance = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", "application/zip"));
        Assert.Equal(HttpStatusCode.NotAcceptable, instance.StatusCode);
    }

    [Theory]
    [InlineData(0xFFFF_FFFEL, false)]
    [InlineData(0xFFFF_FFFFL, true)]
    [InlineData(6_000_000_000L, true)]
    [Trait("dicomweb", "118")]
    public void Entry_FromFourGigabytesOn_IsZip64(long size, bool large)
    {
        var entry = new ZipEntry("S0001/I000001.dcm", size, 5_000_000_000, Time) { Crc = 0x12345678 };
        var local = Write(output => ZipFormat.WriteLocal(output, entry));
        Assert.Equal(ZipFormat.LocalLength(entry), local.Length);
        Assert.Equal(large ? 20 : 0, BinaryPrimitives.ReadUInt16LittleEndian(local.AsSpan(28)));
        var descriptor = Write(output => ZipFormat.WriteDescriptor(output, entry));
        Assert.Equal(ZipFormat.DescriptorLength(entry), descriptor.Length);
        Assert.Equal(size, large ? BinaryPrimitives.ReadInt64LittleEndian(descriptor.AsSpan(16)) : BinaryPrimitives.ReadUInt32LittleEndian(descriptor.AsSpan(12)));
        var central = Write(output => ZipFormat.WriteCentral(output, entry));
        Assert.Equal(ZipFormat.CentralLength(entry), central.Length);
        Assert.Equal([size, size, entry.Offset], Enumerable.Range(0, 3).Select(i => BinaryPrimitives.ReadInt64LittleEndian(central.AsSpan(central.Length - 24 + 8 * i))));
        var end = Write(output => ZipFormat.WriteEnd(output, 70_000, 5_000_000, 7_000_000_000));
        Assert.Equal(ZipFormat.EndLength, end.Length);
    }

    [Fact]
    [Trait("dicomweb", "118")]
    public async Task Zip_OfMoreThanFourGigabytes_IsReadBack()
    {
        // The records as the answer writes them, the file itself a hole: 5 GB that take no room.
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        try
        {
            var entries = new[] { new ZipEntry("S0001/I000001.dcm", 5_000_000_000, 0, Time) { Crc = 0 } }.ToList();
            var second = ZipFormat.LocalLength(entries[0]) + entries[0].Size + ZipFormat.DescriptorLength(entries[0]);
            entries.Add(new ZipEntry("S0001/I000002.dcm", 3, second, Time) { Crc = Dicom.Crc32.Append(0, "abc"u8) });
            await using (var file = File.Create(path))
            {
                foreach (var entry in entries)
                {
                    file.Write(Write(output => ZipFormat.WriteLocal(output, entry)));
                    file.Write(entry.Size == 3 ? "abc"u8 : default);
                    file.Position += entry.Size == 3 ? 0 : entry.Size;
                    file.Write(Write(output => ZipFormat.WriteDescriptor(output, entry)));
                }
                var central = file.Position;
                entries.ForEach(entry => file.Write(Write(output => ZipFormat.WriteCentral(output, entry))));
                file.Write(Write(output => ZipFormat.WriteEnd(output, 2, file.Position - central, central)));
            }
            using var archive = ZipFile.OpenRead(path);
            Assert.Equal([5_000_000_000, 3], archive.Entries.Select(entry => entry.Length));
            Assert.Equal("abc"u8.ToArray(), Read(archive.Entries[1]));
            await RunAsync("/usr/bin/python3", "-c", "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.infolist()[0].file_size == 5000000000 and z.read('S0001/I000002.dcm') == b'abc'", path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Write(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var bytes = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var complaints = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal((0, ""), (process.ExitCode, complaints));
    }
}
