using System.Diagnostics;
using System.Globalization;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Packs;

/// <summary>A member of more than 8 GiB is past what tar's octal size field can say (ADR 4).</summary>
public sealed class LargePackTests
{
    private const string Study = "2.25.82", Series = "2.25.82.1";
    private const string LargeSop = "2.25.82.1.1", SmallSop = "2.25.82.1.2";
    private const long Hole = (8L << 30) + (512L << 20) + 77;

    private const string PythonList = """
        import sys, tarfile
        with tarfile.open(sys.argv[1]) as tar:
            for member in tar:
                print(member.size, member.name)
        """;

    [Fact]
    public async Task Pack_WithAMemberOver8GiB_IsListedAndExtractedByOrdinaryTar()
    {
        using var store = new SparseStore();
        var (head, small) = (Instances.Ct(Study, Series, LargeSop), Instances.Ct(Study, Series, SmallSop, number: 2));
        var commit = await WriteAsync(store, head, small);
        var size = head.Length + Hole;
        Assert.Equal([size, small.Length], commit.Members.Select(member => member.Entry.Data.Length));
        Assert.True(commit.PackLength > size);

        Assert.Contains($" {size} ", await RunAsync("tar", "tvf", store.Path), StringComparison.Ordinal);
        Assert.Contains($"{size} {Series}/{LargeSop}.dcm", await RunAsync("python3", "-c", PythonList, store.Path), StringComparison.Ordinal);
        // What stands behind the large member is found only by who read its size right.
        var folder = Directory.CreateTempSubdirectory("vnacloud-large-").FullName;
        try
        {
            await RunAsync("tar", "xf", store.Path, "-C", folder, $"{Series}/{SmallSop}.dcm", ".vna/footer");
            Assert.Equal(small, await File.ReadAllBytesAsync(Path.Combine(folder, Series, $"{SmallSop}.dcm")));
            var footer = PackFooter.Read(await File.ReadAllBytesAsync(Path.Combine(folder, ".vna", "footer")));
            Assert.Equal((2, true), (footer.Members, footer.ManifestOffset > size));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        if (Environment.GetEnvironmentVariable("VNA_FAST") != "1")
        {
            var counted = await RunAsync("sh", "-c", "tar -b 2048 -xOf \"$1\" \"$2\" | wc -c", "sh", store.Path, $"{Series}/{LargeSop}.dcm");
            Assert.Equal(size, long.Parse(counted, CultureInfo.InvariantCulture));
        }
    }

    private static async Task<PackCommit> WriteAsync(SparseStore store, byte[] head, byte[] small)
    {
        await using var writer = await PackWriter.CreateAsync(store, "tenant", TimeProvider.System, default);
        await writer.BeginMemberAsync(default);
        await writer.AppendAsync(head, default);
        store.Upload!.AppendHole(Hole);
        await writer.EndMemberAsync(await FactsAsync(head, LargeSop), 4096, default);
        await writer.BeginMemberAsync(default);
        await writer.AppendAsync(small, default);
        await writer.EndMemberAsync(await FactsAsync(small, SmallSop), 4096, default);
        var now = TimeProvider.System.GetUtcNow();
        var source = new IngestSource(Ulid.New(TimeProvider.System), "test", "", "", now);
        return await writer.FinishAsync(Study, source, 4096, TenantId.Default, default);
    }

    private static async Task<InstanceFacts> FactsAsync(byte[] file, string sop)
    {
        using var stream = new MemoryStream(file);
        await using var reader = new DicomReader(new StreamSource(stream));
        await reader.ReadFileMetaAsync(default);
        await reader.ReadDataSetAsync(default);
        return new InstanceFacts
        {
            Key = new InstanceKey(Study, Series, sop),
            DataSet = reader.DataSet,
            Instance = new InstanceAttributes { SopClassUid = "1.2.840.10008.5.1.4.1.1.2", TransferSyntaxUid = reader.TransferSyntax.Uid },
            Series = AttributeReader.Series(reader.DataSet),
            Study = AttributeReader.Study(reader.DataSet),
            Frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax),
            FileDigest = default,
            ContentDigest = default,
        };
    }

    private static async Task<string> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output;
    }
}
