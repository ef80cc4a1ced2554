using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Tests.Peers;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Scp;

/// <summary>C-MOVE to destinations that end their associations in the middle of a study.</summary>
public sealed class AbortingDestinationTests : IAsyncLifetime
{
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    private const string Study = "2.25.7301";
    private const int Objects = 8;

    private readonly HashSet<string> _poison = [];
    private readonly List<string> _taken = [];
    private DimseListener? _destination;
    private Site? _site;
    private int _associations;

    public async ValueTask InitializeAsync()
    {
        _destination = new DimseListener(new DimseListenerOptions { Port = 0 }, (_, _) =>
        {
            _associations++;
            return new(new AssociationAcceptance(TakeAsync, context => ContextChoice.InProposedOrder(context, _ => true)));
        });
        _destination.Start();
        _site = await Site.StartAsync([.. Site.Remote(0, "WS1"), .. Site.Remote(1, "FRAIL", _destination.LocalEndPoint.Port)]);
        await Files.StowAsync(_site, Enumerable.Range(1, Objects).Select(number => Instances.Ct(Study, Study + ".1", Sop(number), number)));
    }

    [Fact]
    [Trait("gateway", "B39")]
    public async Task Destination_ThatAbortsOnOneInstance_GetsTheOthers()
    {
        _poison.Add(Sop(3));
        var last = await MoveAsync();
        Assert.Equal("B000H", last.Status.ToString());
        Assert.Equal([Sop(3)], last.DataSet!.Strings(DicomTags.FailedSOPInstanceUIDList));
        Assert.Equal(Enumerable.Range(1, Objects).Select(Sop).Except([Sop(3)]).Order(), _taken.Order());
        Assert.Equal(2, _associations);
    }

    [Fact]
    [Trait("gateway", "B39")]
    public async Task Destination_ThatAbortsOnEach_IsLeftAloneAfterThree()
    {
        _poison.UnionWith(Enumerable.Range(1, Objects).Select(Sop));
        var last = await MoveAsync();
        Assert.Equal("A702H", last.Status.ToString());
        Assert.StartsWith("FRAIL: ", last.ErrorComment, StringComparison.Ordinal);
        Assert.Equal(_poison.Order(), last.DataSet!.Strings(DicomTags.FailedSOPInstanceUIDList).Order());
        Assert.Equal(3, _associations);
    }

    public async ValueTask DisposeAsync()
    {
        await _site!.DisposeAsync();
        await _destination!.DisposeAsync();
    }

    private async Task<DimseResponse> MoveAsync()
    {
        await using var association = await _site!.ConnectAsync("WS1", [StudyRootMove]);
        var study = new DicomDataSet().Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, "STUDY").Set(DicomTags.StudyInstanceUID, DicomVr.UI, Study);
        return await association.MoveAsync(StudyRootMove, "FRAIL", study).LastAsync();
    }

    private async Task<DimseResponse> TakeAsync(DimseRequest request, CancellationToken cancellation)
    {
        if (_poison.Contains(request.Command.SopInstanceUid))
        {
            await request.Association.AbortAsync();
            cancellation.ThrowIfCancellationRequested();
        }
        await request.ReadDataSetAsync();
        _taken.Add(request.Command.SopInstanceUid);
        return new DimseResponse(DimseStatus.Success);
    }

    private static string Sop(int number) => $"{Study}.1.{number}";
}
