using System.Net;
using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Tar;

/// <summary>Leaving us: ordinary tar programs list and extract every pack of a data folder.</summary>
public sealed class PackExtractionTests
{
    private const string Uid = "2.25.81";
    private const int Preamble = 128;
    private const int MaxUid = 64;

    private const string PythonExtract = """
        import sys, tarfile
        with tarfile.open(sys.argv[1]) as tar:
            for member in tar:
                assert member.isreg(), member.name
            tar.extractall(sys.argv[2], filter="data")
        """;

    [Theory]
    [InlineData("tar")]
    [InlineData("python3")]
    [InlineData("bsdtar")]
    public async Task Packs_ListedAndExtracted_GiveTheFilesThatWereSent(string program)
    {
        Assert.SkipUnless(Command.Exists(program), $"{program} is not installed.");
        await using var server = await ServerProcess.StartAsync();
        var sent = await StoreAsync(server);
        var packs = Directory.GetFiles(server.DataFolder, "*.tar", SearchOption.AllDirectories);
        Assert.Equal(4, packs.Length);
        var target = Directory.CreateTempSubdirectory("vnacloud-tar-").FullName;
        try
        {
            for (var i = 0; i < packs.Length; i++)
            {
                var folder = Directory.CreateDirectory(Path.Combine(target, $"{i}")).FullName;
                await ExtractAsync(program, packs[i], folder);
                Assert.Equal(512, new FileInfo(Path.Combine(folder, ".vna", "footer")).Length);
            }
            var extracted = Directory.GetFiles(target, "*.dcm", SearchOption.AllDirectories)
                .Select(path => (Name: string.Join('/', path.Split('/')[^2..]), Hash: Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(path)))));
            var expected = sent.Select(file => (file.Name, Hash: Convert.ToHexString(SHA256.HashData(WithoutPreamble(file.Bytes)))));
            Assert.Equal(expected.Order(), extracted.Order());
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    private static async Task ExtractAsync(string program, string pack, string folder)
    {
        if (program == "python3")
        {
            await Command.RequireAsync(program, "-c", PythonExtract, pack, folder);
            return;
        }
        var listed = await Command.RequireAsync(program, "tf", pack);
        Assert.Equal([".vna/metadata.json.gz", ".vna/frames", ".vna/manifest.json.gz", ".vna/footer"], listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^4..]);
        var extracting = await Command.RunAsync(program, "xf", pack, "-C", folder);
        Assert.Equal((0, ""), (extracting.ExitCode, extracting.Errors));
    }

    // Several studies, many frames, a preamble, a conflict (its bytes are in a pack too), names too long for a plain tar header.
    private static async Task<List<(string Name, byte[] Bytes)>> StoreAsync(ServerProcess server)
    {
        using var client = new ArchiveClient(server.BaseUrl);
        var sent = new List<(string, byte[])>();
        foreach (var study in (string[])[$"{Uid}.1", $"{Uid}.2", $"{Uid}.{new string('3', MaxUid - Uid.Length - 3)}"])
        {
            var files = Enumerable.Range(1, 5).Select(i => File(study, $"{study}.1", study.Length > 32 ? $"{study}.{i}" : $"{study}.1.{i}", i)).ToList();
            Assert.Equal(HttpStatusCode.OK, (await client.StowAsync([.. files.Select(file => file.Bytes)])).Status);
            sent.AddRange(files);
        }
        var conflicting = Instances.Ct($"{Uid}.1", $"{Uid}.1.1", $"{Uid}.1.1.1", seed: 9);
        Assert.Equal(HttpStatusCode.Conflict, (await client.StowAsync(conflicting)).Status);
        sent.Add(($"{Uid}.1.1/{Uid}.1.1.1.dcm", conflicting));
        return sent;
    }

    private static (string Name, byte[] Bytes) File(string study, string series, string sop, int number)
    {
        var file = Instances.File(new InstanceSpec(study, series, sop) { Frames = number, Rows = 33, Columns = 17 });
        if (number == 5)
        {
            "MZ, as if it were a program"u8.CopyTo(file);
        }
        return ($"{series}/{sop}.dcm", file);
    }

    private static byte[] WithoutPreamble(byte[] file) => [.. new byte[Preamble], .. file.AsSpan(Preamble)];
}
