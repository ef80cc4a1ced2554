using System.Security.Cryptography;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.DicomWeb;
using VnaCloud.EndToEnd.Tests.Recovery;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Migration;

/// <summary>`vna migrate` takes all of an Orthanc's instances into VnaCloud, is killed in between, and every data set is the same afterwards.</summary>
public sealed class MigrateTests(ITestOutputHelper output)
{
    private const int Instances = 500;
    private const string Title = "VNAMIGRATE";

    [Fact]
    public async Task Orthanc_OverDicomWeb_KilledInBetween_IsMovedWhole()
    {
        Assert.SkipUnless(OrthancServer.Exists, OrthancServer.Missing);
        Assert.SkipUnless(OrthancServer.HasDicomWeb, OrthancServer.DicomWebMissing);
        using var orthanc = await OrthancServer.StartAsync(dicomWeb: true);
        await MoveAsync(orthanc, $"{orthanc.DicomWeb}");
    }

    [Fact]
    public async Task Orthanc_OverDimse_KilledInBetween_IsMovedWhole()
    {
        Assert.SkipUnless(OrthancServer.Exists, OrthancServer.Missing);
        using var orthanc = await OrthancServer.StartAsync();
        var port = Dcmtk.FreePort();
        await orthanc.AddModalityAsync("vna", Title, port);
        await MoveAsync(orthanc, $"dicom://{OrthancServer.AeTitle}@127.0.0.1:{orthanc.Port}", "--ae", Title, "--listen", $"127.0.0.1:{port}");
    }

    private async Task MoveAsync(OrthancServer orthanc, string from, params string[] more)
    {
        using var folder = new Folder();
        await FillAsync(orthanc);
        await using var server = await ServerProcess.StartAsync(Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName);
        var state = Path.Combine(folder.Path, "state");
        string[] arguments = ["migrate", from, $"{new Uri(server.BaseUrl, "dicom-web")}", "--state", state, .. more];

        using (var first = VnaProcess.Start([], arguments))
        {
            await UntilAsync(() => Done(state) >= 10);
            await first.Kill9Async();
        }
        var before = Done(state);
        var said = await VnaProcess.OkAsync([], arguments);
        output.WriteLine($"killed after {before} series; {said}");
        Assert.Contains("compared byte for byte", said, StringComparison.Ordinal);
        Assert.DoesNotContain("done before         0", said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(state, "work")));

        var source = await SourceAsync(orthanc);
        var moved = await MovedAsync(server.BaseUrl);
        output.WriteLine($"{source.Count} instances at the source, {moved.Count} in the archive");
        Assert.True(source.Count >= Instances, $"{source.Count} instances");
        Assert.Equal(source.Count, moved.Count);
        Assert.Empty(source.Where(instance => moved.GetValueOrDefault(instance.Key) != instance.Value).Select(instance => instance.Key));

        // Nothing is moved twice.
        Assert.Contains("moved and compared  0 instances", await VnaProcess.OkAsync([], arguments), StringComparison.Ordinal);
    }

    // The corpus, as far as Orthanc takes it, and generated series up to the number.
    private async Task FillAsync(OrthancServer orthanc)
    {
        var taken = 0;
        foreach (var file in Corpus.Exists ? Corpus.Storable.DistinctBy(file => file["sop_instance_uid"]).ToList() : [])
        {
            using var content = new ByteArrayContent(file.ReadBytes());
            using var answer = await orthanc.Rest.PostAsync(new Uri("instances", UriKind.Relative), content);
            taken += answer.IsSuccessStatusCode ? 1 : 0;
        }
        output.WriteLine($"{taken} of the corpus");
        for (var i = 0; taken + i < Instances; i++)
        {
            var study = $"1.2.826.88.{i / 20}";
            await orthanc.UploadAsync(TestKit.Instances.Ct(study, $"{study}.{(i / 10) % 2}", $"{study}.9.{i}", i, i));
        }
    }

    private static async Task<Dictionary<string, string>> SourceAsync(OrthancServer orthanc) =>
        (await Task.WhenAll((await orthanc.FilesAsync()).Select(DigestAsync))).ToDictionary(instance => instance.Sop, instance => instance.Digest);

    private static async Task<Dictionary<string, string>> MovedAsync(Uri server)
    {
        using var client = new DicomWebClient(new DicomWebOptions { ServiceUrl = new Uri(server, "dicom-web") });
        var moved = new Dictionary<string, string>();
        var studies = new List<string>();
        await foreach (var study in client.SearchAsync("studies", [], TestContext.Current.CancellationToken))
        {
            studies.Add(study.String(DicomTags.StudyInstanceUID));
        }
        foreach (var study in studies)
        {
            await using var parts = (await client.RetrieveAsync(new DicomPath(study), cancellation: TestContext.Current.CancellationToken)).Require();
            while (await parts.ReadAsync(TestContext.Current.CancellationToken) is { } part)
            {
                using var bytes = new MemoryStream();
                await part.Content.CopyToAsync(bytes);
                var (sop, digest) = await DigestAsync(bytes.ToArray());
                moved.Add(sop, digest);
            }
        }
        return moved;
    }

    // Transfer syntax and data set; the File Meta Information is whoever's who wrote the file.
    private static async Task<(string Sop, string Digest)> DigestAsync(byte[] file)
    {
        using var source = new StreamSource(new MemoryStream(file));
        await using var reader = new DicomReader(source, new DicomReadOptions { KeepBinary = 0, KeepOther = 1024 });
        await reader.ReadFileMetaAsync(TestContext.Current.CancellationToken);
        var start = (int)reader.DataSetOffset;
        await reader.ReadDataSetAsync(DicomTags.StudyInstanceUID, TestContext.Current.CancellationToken);
        return (reader.DataSet.String(DicomTags.SOPInstanceUID).Trim(), $"{reader.TransferSyntax.Uid} {Convert.ToHexString(SHA256.HashData(file.AsSpan(start)))}");
    }

    private static int Done(string state)
    {
        try
        {
            using var file = new FileStream(Path.Combine(state, "done.tsv"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd().Count(character => character == '\n') - 1;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 3000 && !condition(); i++)
        {
            await Task.Delay(10);
        }
        Assert.True(condition(), "The migration does not begin.");
    }
}
