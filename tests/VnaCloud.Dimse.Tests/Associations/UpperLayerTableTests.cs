namespace VnaCloud.Dimse.Tests;

/// <summary>PS3.8 Table 9-10, written down a second time: by event, as sentences of (states: action -> next state).</summary>
public class UpperLayerTableTests
{
    private const string Unexpected = "3 5 6 7 8 9 10 11 12";

    private static readonly (int Event, string States, string Action, int Next)[] Standard =
    [
        (1, "1", "AE-1", 4),
        (2, "4", "AE-2", 5),
        (3, "2", "AA-1", 13), (3, "5", "AE-3", 6), (3, "3 6 7 8 9 10 11 12", "AA-8", 13), (3, "13", "AA-6", 13),
        (4, "2", "AA-1", 13), (4, "5", "AE-4", 1), (4, "3 6 7 8 9 10 11 12", "AA-8", 13), (4, "13", "AA-6", 13),
        (5, "1", "AE-5", 2),
        (6, "2", "AE-6", 3), (6, Unexpected, "AA-8", 13), (6, "13", "AA-7", 13),
        (7, "3", "AE-7", 6),
        (8, "3", "AE-8", 13),
        (9, "6", "DT-1", 6), (9, "8", "AR-7", 8),
        (10, "2", "AA-1", 13), (10, "6", "DT-2", 6), (10, "7", "AR-6", 7), (10, "3 5 8 9 10 11 12", "AA-8", 13), (10, "13", "AA-6", 13),
        (11, "6", "AR-1", 7),
        (12, "2", "AA-1", 13), (12, "6", "AR-2", 8), (12, "7", "AR-8", 9), (12, "3 5 8 9 10 11 12", "AA-8", 13), (12, "13", "AA-6", 13),
        (13, "2", "AA-1", 13), (13, "7", "AR-3", 1), (13, "10", "AR-10", 12), (13, "11", "AR-3", 1), (13, "3 5 6 8 9 12", "AA-8", 13), (13, "13", "AA-6", 13),
        (14, "8", "AR-4", 13), (14, "9", "AR-9", 11), (14, "12", "AR-4", 13),
        (15, "3 5 6 7 8 9 10 11 12", "AA-1", 13), (15, "4", "AA-2", 1),
        (16, "2 13", "AA-2", 1), (16, Unexpected, "AA-3", 1),
        (17, "2", "AA-5", 1), (17, "3 4 5 6 7 8 9 10 11 12", "AA-4", 1), (17, "13", "AR-5", 1),
        (18, "2 13", "AA-2", 1),
        (19, "2", "AA-1", 13), (19, Unexpected, "AA-8", 13), (19, "13", "AA-7", 13),
    ];

    [Fact]
    public void Table_EveryStateAndEvent_IsTheStandards()
    {
        var cells = Standard.SelectMany(row => row.States.Split(' ').Select(state => ((row.Event, State: int.Parse(state, System.Globalization.CultureInfo.InvariantCulture)), (row.Action, row.Next))))
            .ToDictionary(cell => cell.Item1, cell => cell.Item2);
        for (var happening = 1; happening <= 19; happening++)
        {
            for (var state = 1; state <= 13; state++)
            {
                var action = UpperLayerTable.Find((UpperLayerState)state, (UpperLayerEvent)happening);
                var expected = cells.TryGetValue((happening, state), out var cell) ? $"Evt{happening} Sta{state}: {cell.Action} -> Sta{cell.Next}" : $"Evt{happening} Sta{state}: none";
                Assert.Equal(expected, action is null ? $"Evt{happening} Sta{state}: none" : $"Evt{happening} Sta{state}: {action.Name} -> Sta{(int)action.Next}");
            }
        }
        Assert.Equal(123, cells.Count);
    }

    [Theory]
    [InlineData("AE-4", "ConfirmReject CloseTransport")]
    [InlineData("AE-5", "AcceptTransport StartArtim")]
    [InlineData("AE-6", "StopArtim IndicateAssociate")]
    [InlineData("AE-8", "SendAssociateReject StartArtim")]
    [InlineData("AR-3", "ConfirmRelease CloseTransport")]
    [InlineData("AR-4", "SendReleaseResponse StartArtim")]
    [InlineData("AR-5", "StopArtim")]
    [InlineData("AA-1", "SendAbortByUser StartArtim")]
    [InlineData("AA-2", "StopArtim CloseTransport")]
    [InlineData("AA-3", "IndicateAbort CloseTransport")]
    [InlineData("AA-4", "IndicateProviderAbort")]
    [InlineData("AA-6", "")]
    [InlineData("AA-7", "SendAbortByProvider")]
    [InlineData("AA-8", "SendAbortByProvider IndicateProviderAbort StartArtim")]
    public void Action_DoesWhatTables96To99Say(string name, string effects)
    {
        var action = Enum.GetValues<UpperLayerState>().SelectMany(state => Enum.GetValues<UpperLayerEvent>().Select(happening => UpperLayerTable.Find(state, happening))).First(found => found?.Name == name)!;
        Assert.Equal(effects, string.Join(' ', action.Effects));
    }

    [Fact]
    public void Machine_ConditionsChooseTheOtherOutcome()
    {
        var refusing = new UpperLayerMachine();
        refusing.Fire(UpperLayerEvent.TransportIndicated);
        Assert.True(refusing.Fire(UpperLayerEvent.AssociateRequestPdu, condition: false)!.Has(UpperLayerEffect.SendAssociateReject));
        Assert.Equal(UpperLayerState.AwaitingClose, refusing.State);
    }

    [Fact]
    public void Machine_ReleaseCollision_EndsOnBothSides()
    {
        var (requestor, acceptor) = (Established(true), Established(false));
        requestor.Fire(UpperLayerEvent.ReleaseRequestPrimitive);
        acceptor.Fire(UpperLayerEvent.ReleaseRequestPrimitive);
        requestor.Fire(UpperLayerEvent.ReleaseRequestPdu, condition: true);
        acceptor.Fire(UpperLayerEvent.ReleaseRequestPdu, condition: false);
        Assert.Equal((UpperLayerState.CollisionRequestorAwaitingLocal, UpperLayerState.CollisionAcceptorAwaitingPeer), (requestor.State, acceptor.State));
        requestor.Fire(UpperLayerEvent.ReleaseResponsePrimitive);
        acceptor.Fire(UpperLayerEvent.ReleaseResponsePdu);
        acceptor.Fire(UpperLayerEvent.ReleaseResponsePrimitive);
        requestor.Fire(UpperLayerEvent.ReleaseResponsePdu);
        Assert.Equal((UpperLayerState.Idle, UpperLayerState.AwaitingClose), (requestor.State, acceptor.State));
    }

    private static UpperLayerMachine Established(bool isRequestor)
    {
        var machine = new UpperLayerMachine();
        UpperLayerEvent[] way = isRequestor
            ? [UpperLayerEvent.AssociateRequestPrimitive, UpperLayerEvent.TransportConfirmed, UpperLayerEvent.AssociateAcceptPdu]
            : [UpperLayerEvent.TransportIndicated, UpperLayerEvent.AssociateRequestPdu, UpperLayerEvent.AcceptPrimitive];
        Assert.All(way, happening => Assert.NotNull(machine.Fire(happening)));
        Assert.Equal(UpperLayerState.Established, machine.State);
        return machine;
    }
}
