using System.Security.Cryptography;
using System.Text;
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
        await MoveAsync(orthanc, $"{orthanc.DicomWeb}", _ => true, mayEncodeAnew: false);
    }

    [Fact]
    public async Task Orthanc_OverDimse_KilledInBetween_IsMovedWhole()
    {
        Assert.SkipUnless(OrthancServer.Exists, OrthancServer.Missing);
        using var orthanc = await OrthancServer.StartAsync();
        var port = FreePorts.Take();
        await orthanc.AddModalityAsync("vna", Title, port);
        await MoveAsync(orthanc, $"dicom://{OrthancServer.AeTitle}@127.0.0.1:{orthanc.Port}", CanSend, mayEncodeAnew: true, "--ae", Title, "--listen", $"127.0.0.1:{port}");
    }

    // Nor does it send an object without SOP class, or with a UID that is too long.
    private static bool CanSend(CorpusFile file) =>
        !NotSent.Contains(file.TransferSyntaxUid) && file["sop_class_uid"].Length > 0 && file["sop_instance_uid"].Length <= DicomUid.MaxLength;

    // What Orthanc's DCMTK (3.6.7) knows no name of it takes by its REST API, and cannot send: C-MOVE of it fails with C000H.
    private static readonly string[] NotSent =
    [
        "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112",
        "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203", "1.2.840.10008.1.2.4.204", "1.2.840.10008.1.2.4.94",
    ];

    private async Task MoveAsync(OrthancServer orthanc, string from, Func<CorpusFile, bool> canSend, bool mayEncodeAnew, params string[] more)
    {
        using var folder = new Folder();
        await FillAsync(orthanc, canSend);
        await using var server = await ServerProcess.StartAsync(Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName);
        var state = Path.Combine(folder.Path, "state");
        string[] arguments = ["migrate", from, $"{new Uri(server.BaseUrl, "dicom-web")}", "--state", state, .. more];

        using (var first = VnaProcess.Start([], arguments))
        {
            await UntilAsync(() => Done(state) >= 10);
            await first.Kill9Async();
        }
        var before = Done(state);
        var said = await OkAsync(state, arguments);
        output.WriteLine($"killed after {before} series; {said}");
        Assert.Contains("compared byte for byte", said, StringComparison.Ordinal);
        Assert.DoesNotContain("done before         0", said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(state, "work")));

        var source = await SourceAsync(orthanc);
        var moved = await MovedAsync(server.BaseUrl);
        output.WriteLine($"{source.Count} instances at the source, {moved.Count} in the archive");
        Assert.True(source.Count >= Instances, $"{source.Count} instances");
        Assert.Equal(source.Count, moved.Count);
        // DCMTK encodes anew what it sends (group lengths, trailing padding, lengths of sequences): then it is each element that has to be the same.
        var encodedAnew = source.Keys.Where(sop => moved.GetValueOrDefault(sop)?.Bytes != source[sop].Bytes).ToList();
        output.WriteLine($"{source.Count - encodedAnew.Count} the same byte for byte, {encodedAnew.Count} encoded anew");
        Assert.True(mayEncodeAnew || encodedAnew.Count == 0, $"{encodedAnew.Count} differ, {encodedAnew.FirstOrDefault()} among them.");
        Assert.DoesNotContain(encodedAnew, sop => moved[sop].Elements != source[sop].Elements);

        // Nothing is moved twice.
        Assert.Contains("moved and compared  0 instances", await OkAsync(state, arguments), StringComparison.Ordinal);
    }

    // The corpus, as far as Orthanc takes it, and generated series up to the number.
    private async Task FillAsync(OrthancServer orthanc, Func<CorpusFile, bool> canSend)
    {
        var taken = 0;
        foreach (var file in Corpus.Exists ? Corpus.Storable.Where(canSend).DistinctBy(file => file["sop_instance_uid"]).ToList() : [])
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

    private static async Task<string> OkAsync(string state, string[] arguments)
    {
        using var vna = VnaProcess.Start([], arguments);
        var (code, said) = await vna.EndAsync();
        Assert.True(code == 0, $"It ended with {code}: {said}{await File.ReadAllTextAsync(Path.Combine(state, "failed.tsv"))}");
        return said;
    }

    private static async Task<Dictionary<string, Content>> SourceAsync(OrthancServer orthanc) =>
        (await Task.WhenAll((await orthanc.FilesAsync()).Select(Content.ReadAsync))).ToDictionary(instance => instance.Sop);

    private static async Task<Dictionary<string, Content>> MovedAsync(Uri server)
    {
        using var client = new DicomWebClient(new DicomWebOptions { ServiceUrl = new Uri(server, "dicom-web") });
        var moved = new Dictionary<string, Content>();
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
                var content = await Content.ReadAsync(bytes.ToArray());
                moved.Add(content.Sop, content);
            }
        }
        return moved;
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

    /// <param name="Sop">SOP Instance UID.</param>
    /// <param name="Bytes">Of transfer syntax and data set; the File Meta Information is whoever's who wrote the file.</param>
    /// <param name="Elements">The same of the data set's elements, however they are encoded.</param>
    private sealed record Content(string Sop, string Bytes, string Elements)
    {
        private static readonly DicomTag TrailingPadding = new(0xFFFC_FFFC);

        public static async Task<Content> ReadAsync(byte[] file)
        {
            using var source = new StreamSource(new MemoryStream(file));
            await using var reader = new DicomReader(source, new DicomReadOptions { KeepPixelData = long.MaxValue });
            await reader.ReadFileMetaAsync(TestContext.Current.CancellationToken);
            var start = (int)reader.DataSetOffset;
            await reader.ReadDataSetAsync(TestContext.Current.CancellationToken);
            var data = reader.DataSet;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Add(hash, data, file);
            return new Content(data.String(DicomTags.SOPInstanceUID).Trim(), $"{reader.TransferSyntax.Uid} {Convert.ToHexString(SHA256.HashData(file.AsSpan(start)))}", Convert.ToHexString(hash.GetHashAndReset()));
        }

        private static void Add(IncrementalHash hash, DicomDataSet data, byte[] file)
        {
            foreach (var element in data.Where(element => !element.Tag.IsGroupLength && element.Tag != TrailingPadding && element.Tag.Group != 0xFFFE))
            {
                hash.AppendData(Encoding.ASCII.GetBytes($"{element.Tag} {element.Vr} {element.Items?.Count} {element.Fragments?.Fragments.Count}\n"));
                foreach (var item in element.Items ?? [])
                {
                    Add(hash, item, file);
                }
                foreach (var fragment in element.Fragments?.Fragments ?? [])
                {
                    hash.AppendData(file.AsSpan((int)fragment.Offset, (int)fragment.Length));
                }
                // Text is padded with a space, by some with NUL (PS3.5 section 6.2); what is odd is padded by others.
                hash.AppendData(element.Vr.IsText() ? element.Value.Span.TrimEnd(" \0"u8) : element.Value.Length % 2 == 0 ? element.Value.Span : (byte[])[.. element.Value.Span, 0]);
            }
        }
    }
}
