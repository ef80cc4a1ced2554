using System.Net;
using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Scp;
using VnaCloud.Gateway.Tests.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>Attackers from 127.0.0.2 onwards against a gateway process, while an honest device works from its own address (attacks 74 to 83).</summary>
public sealed class AttackTests(ITestOutputHelper output)
{
    private const string Device = "CT1";
    private const string Workstation = "WS1";
    private const string Study = "1.2.826.0.6.1";
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    private const long MostBytes = 200L * 1024 * 1024;
    private static readonly string[] Table = [.. Site.Remote(0, Device, 0, "Addresses:0=127.0.0.1"), .. Site.Remote(1, Workstation, 0, "Addresses:0=127.0.0.99")];

    private TimeSpan _slowest;

    [Fact]
    [Trait("attack", "74")]
    [Trait("attack", "75")]
    [Trait("attack", "77")]
    [Trait("attack", "79")]
    public async Task IdleConnections_PortScan_AndStrangers_DoNotHurtAnHonestDevice()
    {
        await using var gateway = await GatewayProgram.StartAsync([.. Table, "--Gateway:Archive:Url=http://127.0.0.1:1/dicom-web"]);
        await StoreAsync(gateway, 2, 50);
        var quiet = await StoreAsync(gateway, 0, TestLength.Of(fast: 50, normal: 200, full: 2_000));
        var attackers = new List<Attacker>();
        try
        {
            for (var i = 0; i < 1_000; i++)
            {
                attackers.Add(await Attacker.ConnectAsync($"127.0.0.{2 + (i % 20)}", gateway.Port));
                await attackers[^1].SayAsync(i % 2 == 0 ? [] : Attacker.HalfRequest);
            }
            using var stop = new CancellationTokenSource();
            var scanning = ScanAsync(gateway.Port, stop.Token);
            var strangers = CallAsync(gateway.Port, stop.Token);
            var attacked = await StoreAsync(gateway, 1, TestLength.Of(fast: 50, normal: 200, full: 2_000));
            await stop.CancelAsync();
            output.WriteLine($"An honest device stores {quiet:F0}/s, attacked {attacked:F0}/s, at most {_slowest.TotalMilliseconds:F0} ms for ten; {await scanning} scans, {await strangers} strangers refused; at most {gateway.PeakBytes >> 20} MiB resident");
            // The attackers take what CPU there is; the device goes on, and each of its associations is served in time.
            Assert.True(_slowest < TimeSpan.FromSeconds(10), $"an association took {_slowest.TotalSeconds:F1} s");
        }
        finally
        {
            attackers.ForEach(attacker => attacker.Dispose());
        }
        Assert.False(gateway.HasExited);
        Assert.True(gateway.PeakBytes < MostBytes, $"{gateway.PeakBytes >> 20} MiB");
        // A handler or a port that met what nobody had thought of.
        Assert.DoesNotContain("\"EventId\":4105", gateway.LogText, StringComparison.Ordinal);
        Assert.DoesNotContain("\"EventId\":4106", gateway.LogText, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("attack", "77")]
    public async Task IdleAssociations_OfAKnownDevice_LeaveRoomForOthers()
    {
        await using var gateway = await GatewayProgram.StartAsync([.. Table, "--Gateway:Archive:Url=http://127.0.0.1:1/dicom-web"]);
        var idle = new List<DimseAssociation>();
        for (var i = 0; i < 50; i++)
        {
            idle.Add(await ConnectAsync(gateway.Port, Workstation, "127.0.0.99", DimseAssociation.Verification));
        }
        var refused = await Assert.ThrowsAsync<AssociationException>(() => ConnectAsync(gateway.Port, Workstation, "127.0.0.99", DimseAssociation.Verification));
        Assert.Equal("2/3/2", refused.End.Reject!.ToString());
        Assert.True(await StoreAsync(gateway, 0, 20) > 0);
        await Task.WhenAll(idle.Select(association => association.AbortAsync()));
        Assert.True(gateway.PeakBytes < MostBytes);
    }

    [Fact]
    [Trait("attack", "80")]
    [Trait("gateway", "B22")]
    [Trait("gateway", "B28")]
    public async Task ObjectsThatAreNotWhatTheyShouldBe_AreRefused_AndTheAssociationGoesOn()
    {
        await using var site = await Site.StartWithoutArchiveAsync("http://127.0.0.1:1/dicom-web", Site.Remote(0, Device));
        await using var association = await site.ConnectAsync(Device, [Site.CtStorage, DimseAssociation.Verification]);
        var context = association.FindContext(Site.CtStorage)!;
        var file = Instances.Ct(Study, Study + ".1", Study + ".1.1");
        var dataSet = Files.DataSetBytes(file);
        Task<DimseResponse> Store(string sop, byte[] bytes) => association.StoreAsync(context, new StoreInstance(Site.CtStorage, sop), new MemoryStream(bytes));
        Assert.Equal("A900H", (await Store(Study + ".1.2", dataSet)).Status.ToString());
        var other = Files.DataSetBytes(Instances.File(new InstanceSpec(Study, Study + ".1", Study + ".1.1") { SopClass = "1.2.840.10008.5.1.4.1.1.4" }));
        Assert.Equal("A900H", (await Store(Study + ".1.1", other)).Status.ToString());
        var random = new byte[5_000];
        new Random(20260317).NextBytes(random);
        foreach (var unreadable in (byte[][])[random, dataSet[..^70], [.. dataSet[..100], .. random], []])
        {
            Assert.Equal("C000H", (await Store(Study + ".1.1", unreadable)).Status.ToString());
        }
        Assert.Empty(Directory.GetFiles(Path.Combine(site.Folder.Path, "spool/queued"), "*", SearchOption.AllDirectories));
        Assert.True((await association.EchoAsync()).Status.IsSuccess);
        Assert.True((await Store(Study + ".1.1", dataSet)).Status.IsSuccess);
        Assert.Single(Directory.GetFiles(Path.Combine(site.Folder.Path, "spool/queued"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    [Trait("attack", "82")]
    [Trait("attack", "83")]
    public async Task UniversalQueries_Cancelled_AndMovesToAnywhere_TakeNoMemory()
    {
        await using var site = await Site.StartAsync();
        await Files.StowAsync(site, Enumerable.Range(1, 3_000).Select(i => Instances.Ct(Study, $"{Study}.{1 + (i % 7)}", $"{Study}.0.{i}", i)));
        await using var gateway = await GatewayProgram.StartAsync([.. Table, $"--Gateway:Archive:Url={new Uri(site.Archive!.BaseUrl, "dicom-web")}"]);
        var storm = Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var association = await ConnectAsync(gateway.Port, Workstation, "127.0.0.99", Site.StudyRootFind, StudyRootMove);
            for (var round = 0; round < TestLength.Of(fast: 2, normal: 5, full: 50); round++)
            {
                // Leaving the loop sends C-CANCEL.
                Assert.Equal(3, await association.FindAsync(Site.StudyRootFind, Universal()).Take(3).CountAsync());
            }
            var moves = await association.MoveAsync(StudyRootMove, "EVIL", Identifier("STUDY")).ToListAsync();
            Assert.Equal(DimseStatus.MoveDestinationUnknown, Assert.Single(moves).Status);
            await association.ReleaseAsync();
        });
        await Task.WhenAll(storm);
        await using var patient = await ConnectAsync(gateway.Port, Device, "127.0.0.1", Site.StudyRootFind);
        var all = await patient.FindAsync(Site.StudyRootFind, Universal()).ToListAsync();
        Assert.Equal((3_000 + 1, true), (all.Count, all[^1].Status.IsSuccess));
        output.WriteLine($"at most {gateway.PeakBytes >> 20} MiB resident");
        Assert.True(gateway.PeakBytes < MostBytes, $"{gateway.PeakBytes >> 20} MiB");
    }

    private static DicomDataSet Identifier(string level) =>
        new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, level).Set(DicomTags.StudyInstanceUID, DicomVr.UI, Study);

    private static DicomDataSet Universal() => Identifier("IMAGE").Set(DicomTags.SeriesInstanceUID, DicomVr.UI, "*").Set(DicomTags.SOPInstanceUID, DicomVr.UI, "*").Set(DicomTags.PatientName, DicomVr.PN, "*");

    private static Task<DimseAssociation> ConnectAsync(int port, string calling, string from, params string[] sopClasses) => DimseAssociation.ConnectAsync(new DimseConnectOptions
    {
        Host = "127.0.0.1", Port = port, CalledAeTitle = Site.AeTitle, CallingAeTitle = calling, LocalAddress = IPAddress.Parse(from),
        Contexts = DimseConnectOptions.Propose(sopClasses.Select(sopClass => (sopClass, StorageClasses.PlainSyntaxes))),
        // Relational, so that a query may leave upper levels open.
        Extended = [.. sopClasses.Where(sopClass => sopClass == Site.StudyRootFind).Select(sopClass => new ExtendedNegotiation(sopClass, new byte[] { 1 }))],
    });

    // An association for every ten objects, as devices do. Gives objects per second.
    private async Task<double> StoreAsync(GatewayProgram gateway, int series, int count)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < count; i += 10)
        {
            var begun = TimeProvider.System.GetTimestamp();
            await using var association = await ConnectAsync(gateway.Port, Device, "127.0.0.1", Site.CtStorage, DimseAssociation.Verification);
            Assert.True((await association.EchoAsync()).Status.IsSuccess);
            for (var j = i; j < i + 10; j++)
            {
                Assert.True((await Site.StoreAsync(association, Instances.Ct(Study, $"{Study}.{series}", $"{Study}.{series}.{j}", j))).Status.IsSuccess);
            }
            await association.ReleaseAsync();
            _slowest = new[] { _slowest, TimeProvider.System.GetElapsedTime(begun) }.Max();
        }
        return count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    // All at once, again and again. Every one of them is closed by the gateway, in time. Gives how many.
    private static async Task<int> ScanAsync(int port, CancellationToken stop)
    {
        var random = new Random(20260317);
        var count = 0;
        do
        {
            var scan = Attacker.Scan(random);
            count += scan.Count;
            await Task.WhenAll(scan.Select((words, i) => SayAsync($"127.0.0.{30 + (i % 20)}", port, words.Name, words.Bytes)));
        }
        while (!stop.IsCancellationRequested);
        return count;
    }

    private static async Task SayAsync(string from, int port, string name, byte[] bytes)
    {
        using var attacker = await Attacker.ConnectAsync(from, port);
        await attacker.SayAsync(bytes);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await attacker.UntilClosedAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{name} is not closed");
        }
    }

    private static async Task<int> CallAsync(int port, CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            // A title that nobody has, and the device's from where it is not.
            var refused = await Assert.ThrowsAsync<AssociationException>(() => ConnectAsync(port, count % 2 == 0 ? "NOBODY" : Device, $"127.0.0.{50 + (count % 20)}", Site.CtStorage));
            Assert.Equal("1/1/3", refused.End.Reject?.ToString());
            count++;
        }
        return count;
    }
}
