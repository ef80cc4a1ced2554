using System.Collections.Concurrent;
using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Scp;

/// <summary>Storage commitment with a device of the test's own (checklist gateway B50 to B55).</summary>
public sealed class CommitmentTests
{
    private const string Device = "CT1";
    private const string Mr = "1.2.840.10008.5.1.4.1.1.4";

    private readonly ConcurrentQueue<string> _reports = new();

    [Theory]
    [Trait("fault", "F45")]
    [Trait("gateway", "B51")]
    [InlineData("SameFirst", true)] // over the association of the request
    [InlineData("SameFirst", false)] // which was released
    [InlineData("NewAssociation", true)]
    public async Task Request_ForPresentUnknownAndOtherClass_IsReportedAsTheArchiveSays(string how, bool stays)
    {
        await using var device = Listen();
        await using var site = await Site.StartAsync(Site.Remote(0, Device, device.LocalEndPoint.Port, $"CommitmentReports={how}"));
        await using (var storing = await site.ConnectAsync(Device, [Site.CtStorage]))
        {
            Assert.Equal(DimseStatus.Success, (await Site.StoreAsync(storing, Instances.Ct("1.2.1", "1.2.1.1", "1.2.1.1.1"))).Status);
            Assert.Equal(DimseStatus.Success, (await Site.StoreAsync(storing, Instances.Ct("1.2.1", "1.2.1.1", "1.2.1.1.2"))).Status);
            await storing.ReleaseAsync();
        }
        await site.UntilArchivedAsync(2);
        await using var asking = await site.ConnectAsync(Device, [SopClasses.StorageCommitment], options => options with { Handler = TakeAsync("same") });
        var response = await asking.ActionAsync(Commitment, 1, Request("1.2.3.4", (Site.CtStorage, "1.2.1.1.1"), (Mr, "1.2.1.1.2"), (Site.CtStorage, "1.2.1.1.9")));
        Assert.Equal(DimseStatus.Success, response.Status);
        if (!stays)
        {
            await asking.ReleaseAsync();
        }
        await Site.UntilAsync(() => Task.FromResult(!_reports.IsEmpty), "a report");
        var (over, rest) = (_reports.First().Split(' ')[0], string.Join(' ', _reports.First().Split(' ')[1..]));
        Assert.Equal("type 2, 1.2.3.4: committed 1.2.1.1.1; failed 1.2.1.1.2=0119 1.2.1.1.9=0112", rest);
        Assert.Contains(over, how == "NewAssociation" ? ["new"] : stays ? ["same"] : (string[])["same", "new"]);
        await Site.UntilAsync(() => Task.FromResult(Directory.GetFiles(Path.Combine(site.Folder.Path, "spool/commitments")).Length == 0), "the request is done with");
        Assert.Single(_reports);
    }

    [Fact]
    [Trait("fault", "F45")]
    [Trait("gateway", "B54")]
    public async Task Request_WhileTheArchiveIsAway_WaitsForIt_AcrossARestart()
    {
        await using var device = Listen();
        var remote = Site.Remote(0, Device, device.LocalEndPoint.Port);
        await using var archive = await ServerProcess.StartAsync();
        using var folder = new Folder();
        string[] spool = [$"--Gateway:Spool:Path={folder.Path}/spool"];
        await using (var away = await Site.StartWithoutArchiveAsync("http://127.0.0.1:1/dicom-web", [.. remote, .. spool]))
        {
            await using var association = await away.ConnectAsync(Device, [Site.CtStorage, SopClasses.StorageCommitment]);
            Assert.Equal(DimseStatus.Success, (await Site.StoreAsync(association, Instances.Ct("1.2.1", "1.2.1.1", "1.2.1.1.1"))).Status);
            Assert.Equal(DimseStatus.Success, (await association.ActionAsync(Commitment, 1, Request("1.2.3.5", (Site.CtStorage, "1.2.1.1.1")))).Status);
            await association.ReleaseAsync();
        }
        Assert.Empty(_reports);
        await using var site = await Site.StartWithoutArchiveAsync(new Uri(archive.BaseUrl, "dicom-web").ToString(), [.. remote, .. spool]);
        await Site.UntilAsync(() => Task.FromResult(!_reports.IsEmpty), "a report");
        Assert.Equal("new type 1, 1.2.3.5: committed 1.2.1.1.1; failed ", Assert.Single(_reports));
    }

    [Fact]
    [Trait("gateway", "B53")]
    public async Task Report_ThatTheDeviceDoesNotTake_IsSentAgain()
    {
        var refusals = 2;
        await using var device = Listen(() => Interlocked.Decrement(ref refusals) >= 0 ? DimseStatus.ProcessingFailure : DimseStatus.Success);
        await using var site = await Site.StartAsync(Site.Remote(0, Device, device.LocalEndPoint.Port, "CommitmentReports=NewAssociation"));
        await using var asking = await site.ConnectAsync(Device, [SopClasses.StorageCommitment]);
        Assert.Equal(DimseStatus.Success, (await asking.ActionAsync(Commitment, 1, Request("1.2.3.6", (Site.CtStorage, "1.2.1.1.9")))).Status);
        await Site.UntilAsync(() => Task.FromResult(_reports.Count == 3), "three reports");
    }

    [Fact]
    [Trait("gateway", "B52")]
    public async Task Device_ThatTakesNoConnections_GetsItsReportOnItsNextAssociation()
    {
        await using var site = await Site.StartAsync(Site.Remote(0, Device, 0, "CommitmentReports=NextAssociation"));
        await using (var asking = await site.ConnectAsync(Device, [SopClasses.StorageCommitment], options => options with { Handler = Refuse }))
        {
            Assert.Equal(DimseStatus.Success, (await asking.ActionAsync(Commitment, 1, Request("1.2.3.7", (Site.CtStorage, "1.2.1.1.9")))).Status);
            await asking.AbortAsync();
        }
        await using var next = await site.ConnectAsync(Device, [SopClasses.StorageCommitment], options => options with { Handler = TakeAsync("next") });
        await Site.UntilAsync(() => Task.FromResult(!_reports.IsEmpty), "a report");
        Assert.Equal("next type 2, 1.2.3.7: committed ; failed 1.2.1.1.9=0112", Assert.Single(_reports));
    }

    [Theory]
    [Trait("gateway", "B50")]
    [InlineData("1.2.3.8", 0, 1, "0115H")]
    [InlineData("", 1, 1, "0115H")]
    [InlineData("1.2.3.8", 1, 2, "0123H")]
    public async Task Request_ThatIsWrong_IsRefusedAndForgotten(string transaction, int references, int action, string status)
    {
        await using var site = await Site.StartWithoutArchiveAsync("http://127.0.0.1:1/dicom-web", Site.Remote(0, Device, 1));
        await using var asking = await site.ConnectAsync(Device, [SopClasses.StorageCommitment]);
        var request = Request(transaction, [.. Enumerable.Range(1, references).Select(i => (Site.CtStorage, $"1.2.{i}"))]);
        Assert.Equal(status, (await asking.ActionAsync(Commitment, (ushort)action, request)).Status.ToString());
        var other = Commitment with { SopInstanceUid = "1.2.3" };
        Assert.Equal("0112H", (await asking.ActionAsync(other, 1, request)).Status.ToString());
        Assert.Empty(Directory.GetFiles(Path.Combine(site.Folder.Path, "spool/commitments")));
    }

    [Fact]
    [Trait("gateway", "B50")]
    public async Task Request_OfADeviceThatCannotBeCalled_IsRefused()
    {
        await using var site = await Site.StartWithoutArchiveAsync("http://127.0.0.1:1/dicom-web", Site.Remote(0, Device));
        await using var asking = await site.ConnectAsync(Device, [SopClasses.StorageCommitment]);
        Assert.Equal(DimseStatus.ProcessingFailure, (await asking.ActionAsync(Commitment, 1, Request("1.2.3.9", (Site.CtStorage, "1.2")))).Status);
    }

    private static SopInstance Commitment => new(SopClasses.StorageCommitment, SopClasses.StorageCommitmentInstance);

    private static DicomDataSet Request(string transaction, params IEnumerable<(string Class, string Sop)> references)
    {
        var request = new DicomDataSet().Set(DicomTags.TransactionUID, DicomVr.UI, transaction);
        return request.Set(new DicomElement(DicomTags.ReferencedSOPSequence, [.. references.Select(reference => new DicomDataSet { Parent = request }
            .Set(DicomTags.ReferencedSOPClassUID, DicomVr.UI, reference.Class).Set(DicomTags.ReferencedSOPInstanceUID, DicomVr.UI, reference.Sop))]));
    }

    private DimseListener Listen(Func<DimseStatus>? status = null)
    {
        var listener = new DimseListener(new DimseListenerOptions { Port = 0 }, (_, _) => new(new AssociationAcceptance(TakeAsync("new", status), context => ContextChoice.InProposedOrder(context, _ => true))));
        listener.Start();
        return listener;
    }

    private DimseHandler TakeAsync(string over, Func<DimseStatus>? status = null) => async (request, _) =>
    {
        var report = await request.ReadDataSetAsync();
        var failed = Items(report, DicomTags.FailedSOPSequence).Select(item => $"{Sop(item)}={item.Integer(DicomTags.FailureReason):X4}");
        _reports.Enqueue($"{over} type {request.Command.TypeId}, {report.String(DicomTags.TransactionUID)}: committed {string.Join(' ', Items(report, DicomTags.ReferencedSOPSequence).Select(Sop))}; failed {string.Join(' ', failed)}");
        return new DimseResponse(status?.Invoke() ?? DimseStatus.Success);
    };

    private static Task<DimseResponse> Refuse(DimseRequest request, CancellationToken cancellation) => Task.FromResult(new DimseResponse(DimseStatus.ProcessingFailure));

    private static IEnumerable<DicomDataSet> Items(DicomDataSet report, DicomTag sequence) => report[sequence]?.Items ?? [];

    private static string Sop(DicomDataSet item) => item.String(DicomTags.ReferencedSOPInstanceUID);
}
