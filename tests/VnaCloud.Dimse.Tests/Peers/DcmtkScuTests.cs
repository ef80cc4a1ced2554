using System.Collections.Concurrent;
using System.Security.Cryptography;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

/// <summary>DCMTK's clients call this library's listener.</summary>
public class DcmtkScuTests(ITestOutputHelper output)
{
    private static readonly string[] Uncompressed = [TestScp.ExplicitLittle, TestScp.ImplicitLittle];

    [Fact]
    public async Task Echoscu_IsAnswered_OncePerEcho()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var count = 0;
        await using var scp = TestScp.Start((_, _) => { Interlocked.Increment(ref count); return Task.FromResult(DimseResponse.Success); });
        var (exit, text) = await Dcmtk.RunAsync("echoscu", "--repeat", "5", "127.0.0.1", $"{scp.Port}");
        Assert.True(exit == 0, text);
        Assert.Equal(5, count);
        await TestScp.UntilAsync(() => !scp.Ends.IsEmpty, "end");
        Assert.Equal(AssociationEndCause.Released, Assert.Single(scp.Ends).Cause);
    }

    [Theory]
    [InlineData("--max-pdu", "4096")]
    [InlineData("--max-pdu", "131072")]
    [InlineData("--propose-implicit", null)]
    [InlineData("--max-send-pdu", "4096")]
    public async Task Storescu_SendsWhatArrivesByteForByte(string option, string? value)
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        var files = Enumerable.Range(1, 20).Select(i => folder.File($"{i}.dcm", Instances.File(new InstanceSpec("1.2", "1.2.3", $"1.2.3.{i}") { Rows = 256, Columns = 256 }))).ToArray();
        var received = new ConcurrentDictionary<string, string>();
        await using var scp = TestScp.Start(StoreInto(received));
        var (exit, text) = await Dcmtk.RunAsync("storescu", [.. value is null ? (string[])[option] : [option, value], "127.0.0.1", $"{scp.Port}", .. files]);
        Assert.True(exit == 0, text);
        Assert.Equal(20, received.Count);
        if (option != "--propose-implicit")
        {
            Assert.All(files, file => Assert.Equal(DataSetHash(File.ReadAllBytes(file)), received[SopOf(file)]));
        }
        Assert.Empty(scp.Failures);

        string SopOf(string file) => $"1.2.3.{Path.GetFileNameWithoutExtension(file)}";
    }

    [Fact]
    public async Task Dcmsend_SendsTheCorpus()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var files = Corpus.Sample([.. Corpus.Storable.Where(file => file.Length < 2_000_000)], 8);
        var received = new ConcurrentDictionary<string, string>();
        await using var scp = TestScp.Start(StoreInto(received));
        var (exit, text) = await Dcmtk.RunAsync("dcmsend", ["--no-halt", "--decompress-never", "127.0.0.1", $"{scp.Port}", .. files.Select(file => file.Path)]);
        var known = files.Where(file => received.ContainsKey(file["sop_instance_uid"])).ToList();
        var same = known.Count(file => received[file["sop_instance_uid"]] == DataSetHash(file.ReadBytes()));
        // It writes lengths anew, so that equal bytes are not to be had of every file; those that differ in nothing else are.
        output.WriteLine($"{files.Count} files, {received.Count} instances arrived, {same} of them as they are in the file");
        Assert.True(exit == 0 && received.Count > files.Count / 2 && same > received.Count / 3, text);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task Findscu_GetsEveryMatch_AndItsCancelEndsTheSearch()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var cancelled = 0;
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            var identifier = await request.ReadDataSetAsync();
            var isEndless = identifier.String(DicomTags.PatientID) == "ENDLESS";
            for (var i = 0; i < 30 || isEndless; i++)
            {
                if (cancellation.IsCancellationRequested)
                {
                    cancelled++;
                    return new DimseResponse(DimseStatus.Cancel);
                }
                identifier.Set(DicomTags.StudyInstanceUID, DicomVr.UI, $"1.2.{i}");
                await SendAsync(request, identifier);
            }
            return DimseResponse.Success;
        });
        var (exit, text) = await Dcmtk.RunAsync("findscu", "-v", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID", "127.0.0.1", $"{scp.Port}");
        Assert.True(exit == 0, text);
        Assert.Contains("1.2.29", text, StringComparison.Ordinal);
        (exit, text) = await Dcmtk.RunAsync("findscu", "-v", "-S", "--cancel", "3", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID=ENDLESS", "-k", "StudyInstanceUID", "127.0.0.1", $"{scp.Port}");
        Assert.True(exit == 0, text);
        Assert.Contains("Cancel", text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, cancelled);
        Assert.Empty(scp.Failures);

        // The cancel may come while a match is sent.
        static async Task SendAsync(DimseRequest request, DicomDataSet match)
        {
            try
            {
                await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { DataSet = match });
            }
            catch (OperationCanceledException)
            {
                Assert.True(request.IsCancelRequested);
            }
        }
    }

    [Fact]
    public async Task Movescu_GetsItsInstances_OverASubAssociation()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        using var receiver = await Dcmtk.StartAsync("storescp", port => ["-aet", "DEST", $"{port}"], folder.Path);
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            Assert.Equal("DEST", request.Command.MoveDestination);
            await using var sub = await DimseAssociation.ConnectAsync(new DimseConnectOptions
            {
                Host = "127.0.0.1", Port = receiver.Port, CalledAeTitle = "DEST", CallingAeTitle = "SCP",
                Contexts = DimseConnectOptions.Propose((TestScp.CtStorage, Uncompressed)),
            }, cancellation);
            var context = sub.FindContext(TestScp.CtStorage)!;
            for (ushort i = 1; i <= 10; i++)
            {
                var (sop, data) = Instance(i);
                var stored = await sub.StoreAsync(context, sop with { MoveOriginator = new("MOVESCU", request.Command.MessageId) }, data, cancellation);
                Assert.True(stored.Status.IsSuccess);
                await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { SubOperations = new((ushort)(10 - i), i, 0, 0) });
            }
            await sub.ReleaseAsync();
            return new DimseResponse(DimseStatus.Success) { SubOperations = new(null, 10, 0, 0) };
        });
        var (exit, text) = await Dcmtk.RunAsync("movescu", "-v", "-S", "-aem", "DEST", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2", "127.0.0.1", $"{scp.Port}");
        Assert.True(exit == 0, text);
        Assert.Equal(10, Directory.GetFiles(folder.Path).Length);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task Getscu_GetsItsInstances_OnItsOwnAssociation()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        using var folder = new Folder();
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            var context = request.Association.FindContext(TestScp.CtStorage)!;
            for (ushort i = 1; i <= 10; i++)
            {
                var (sop, data) = Instance(i);
                var stored = await request.Association.StoreAsync(context, sop, data, cancellation);
                Assert.True(stored.Status.IsSuccess);
                await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { SubOperations = new((ushort)(10 - i), i, 0, 0) });
            }
            return new DimseResponse(DimseStatus.Success) { SubOperations = new(null, 10, 0, 0) };
        });
        var (exit, text) = await Dcmtk.RunAsync("getscu", "-v", "-S", "-od", folder.Path, "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2", "127.0.0.1", $"{scp.Port}");
        Assert.True(exit == 0, text);
        Assert.Equal(10, Directory.GetFiles(folder.Path).Length);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task Rejections_AreTheOnesThatWereDecided()
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        await using var scp = TestScp.Start(policy: (offer, _) => new(offer.Request.CalledAeTitle != "VNA" ? AssociateReject.CalledAeNotRecognized : AssociateReject.CallingAeNotRecognized));
        var (exit, text) = await Dcmtk.RunAsync("echoscu", "-aec", "OTHER", "127.0.0.1", $"{scp.Port}");
        Assert.NotEqual(0, exit);
        Assert.Contains("Called AE Title Not Recognized", text, StringComparison.OrdinalIgnoreCase);
        (_, text) = await Dcmtk.RunAsync("echoscu", "-aec", "VNA", "127.0.0.1", $"{scp.Port}");
        Assert.Contains("Calling AE Title Not Recognized", text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("--user", "jane", "--pos-response")]
    [InlineData("--password", "secret", "--pos-response")]
    public async Task UserIdentity_IsSeenAndAnswered(string option, string value, string positive)
    {
        Assert.SkipUnless(Dcmtk.Exists, Dcmtk.Missing);
        var identity = (UserIdentity?)null;
        await using var scp = TestScp.Start(policy: (offer, _) =>
        {
            identity = offer.Request.User.Identity;
            return new(TestScp.Accept((_, _) => Task.FromResult(DimseResponse.Success)) with { IdentityAnswer = ReadOnlyMemory<byte>.Empty });
        });
        using var folder = new Folder();
        var file = folder.File("a.dcm", Instances.Ct("1.2", "1.2.3", "1.2.3.4"));
        string[] user = option == "--user" ? [option, value] : ["--user", "jane", option, value];
        var (exit, text) = await Dcmtk.RunAsync("storescu", ["-d", .. user, positive, "127.0.0.1", $"{scp.Port}", file]);
        Assert.True(exit == 0, text);
        Assert.Equal("jane", System.Text.Encoding.UTF8.GetString(identity!.Primary.Span));
        Assert.True(identity.PositiveResponseRequested);
    }

    internal static (StoreInstance, Stream) Instance(int number)
    {
        var file = Instances.File(new InstanceSpec("1.2", "1.2.3", $"1.2.3.{number}") { Rows = 128, Columns = 128 });
        return (new StoreInstance(TestScp.CtStorage, $"1.2.3.{number}"), new MemoryStream(file[DataSetOffset(file)..]));
    }

    internal static string DataSetHash(byte[] file) => Convert.ToHexString(SHA256.HashData(file.AsSpan(DataSetOffset(file))));

    internal static int DataSetOffset(byte[] file)
    {
        var start = file.AsSpan(128, 4).SequenceEqual("DICM"u8) ? 132 : 0;
        return start + 12 + (int)BitConverter.ToUInt32(file, start + 8);
    }

    private static DimseHandler StoreInto(ConcurrentDictionary<string, string> received) => async (request, cancellation) =>
    {
        using var hash = SHA256.Create();
        received[request.Command.SopInstanceUid] = Convert.ToHexString(await hash.ComputeHashAsync(request.Data, cancellation));
        return DimseResponse.Success;
    };
}
