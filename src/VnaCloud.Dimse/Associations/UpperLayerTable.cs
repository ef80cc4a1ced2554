using static VnaCloud.Dimse.UpperLayerEffect;

namespace VnaCloud.Dimse;

/// <summary>PS3.8 Table 9-10, the state transitions of the upper layer, and the actions of Tables 9-6 to 9-9, as data.</summary>
internal static class UpperLayerTable
{
    private const int States = 13;

    private static readonly Dictionary<string, UpperLayerAction> Actions = new UpperLayerAction[]
    {
        Action("AE-1", 4, ConnectTransport),
        Action("AE-2", 5, SendAssociateRequest),
        Action("AE-3", 6, ConfirmAccept),
        Action("AE-4", 1, ConfirmReject, CloseTransport),
        Action("AE-5", 2, AcceptTransport, StartArtim),
        Action("AE-6", 3, StopArtim, IndicateAssociate) with { Otherwise = Action("AE-6", 13, StopArtim, SendAssociateReject, StartArtim) },
        Action("AE-7", 6, SendAssociateAccept),
        Action("AE-8", 13, SendAssociateReject, StartArtim),
        Action("DT-1", 6, SendData),
        Action("DT-2", 6, IndicateData),
        Action("AR-1", 7, SendReleaseRequest),
        Action("AR-2", 8, IndicateRelease),
        Action("AR-3", 1, ConfirmRelease, CloseTransport),
        Action("AR-4", 13, SendReleaseResponse, StartArtim),
        Action("AR-5", 1, StopArtim),
        Action("AR-6", 7, IndicateData),
        Action("AR-7", 8, SendData),
        Action("AR-8", 9, IndicateRelease) with { Otherwise = Action("AR-8", 10, IndicateRelease) },
        Action("AR-9", 11, SendReleaseResponse),
        Action("AR-10", 12, ConfirmRelease),
        Action("AA-1", 13, SendAbortByUser, StartArtim),
        Action("AA-2", 1, StopArtim, CloseTransport),
        Action("AA-3", 1, IndicateAbort, CloseTransport),
        Action("AA-4", 1, IndicateProviderAbort),
        Action("AA-5", 1, StopArtim),
        Action("AA-6", 13),
        Action("AA-7", 13, SendAbortByProvider),
        Action("AA-8", 13, SendAbortByProvider, IndicateProviderAbort, StartArtim),
    }.ToDictionary(action => action.Name);

    //   Sta1  Sta2  Sta3  Sta4  Sta5  Sta6  Sta7  Sta8  Sta9  Sta10 Sta11 Sta12 Sta13
    private static readonly UpperLayerAction?[][] Rows =
    [
        Row("AE-1  -     -     -     -     -     -     -     -     -     -     -     -"),    // Evt1  A-ASSOCIATE request
        Row("-     -     -     AE-2  -     -     -     -     -     -     -     -     -"),    // Evt2  transport connect confirmation
        Row("-     AA-1  AA-8  -     AE-3  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6"), // Evt3  A-ASSOCIATE-AC
        Row("-     AA-1  AA-8  -     AE-4  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6"), // Evt4  A-ASSOCIATE-RJ
        Row("AE-5  -     -     -     -     -     -     -     -     -     -     -     -"),    // Evt5  transport connection indication
        Row("-     AE-6  AA-8  -     AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-7"), // Evt6  A-ASSOCIATE-RQ
        Row("-     -     AE-7  -     -     -     -     -     -     -     -     -     -"),    // Evt7  A-ASSOCIATE response, accept
        Row("-     -     AE-8  -     -     -     -     -     -     -     -     -     -"),    // Evt8  A-ASSOCIATE response, reject
        Row("-     -     -     -     -     DT-1  -     AR-7  -     -     -     -     -"),    // Evt9  P-DATA request
        Row("-     AA-1  AA-8  -     AA-8  DT-2  AR-6  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6"), // Evt10 P-DATA-TF
        Row("-     -     -     -     -     AR-1  -     -     -     -     -     -     -"),    // Evt11 A-RELEASE request
        Row("-     AA-1  AA-8  -     AA-8  AR-2  AR-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6"), // Evt12 A-RELEASE-RQ
        Row("-     AA-1  AA-8  -     AA-8  AA-8  AR-3  AA-8  AA-8  AR-10 AR-3  AA-8  AA-6"), // Evt13 A-RELEASE-RP
        Row("-     -     -     -     -     -     -     AR-4  AR-9  -     -     AR-4  -"),    // Evt14 A-RELEASE response
        Row("-     -     AA-1  AA-2  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  -"),    // Evt15 A-ABORT request
        Row("-     AA-2  AA-3  -     AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-2"), // Evt16 A-ABORT
        Row("-     AA-5  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AR-5"), // Evt17 transport closed
        Row("-     AA-2  -     -     -     -     -     -     -     -     -     -     AA-2"), // Evt18 ARTIM expired
        Row("-     AA-1  AA-8  -     AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-7"), // Evt19 unrecognized or invalid PDU
    ];

    /// <summary>The action of an event in a state; null where the table is empty.</summary>
    public static UpperLayerAction? Find(UpperLayerState state, UpperLayerEvent happening) => Rows[(int)happening - 1][(int)state - 1];

    private static UpperLayerAction Action(string name, int next, params UpperLayerEffect[] effects) => new(name, (UpperLayerState)next, effects);

    private static UpperLayerAction?[] Row(string cells)
    {
        var row = cells.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name == "-" ? null : Actions[name]).ToArray();
        return row.Length == States ? row : throw new InvalidOperationException($"A row of {row.Length} states.");
    }
}

/// <summary>Where one association stands in Table 9-10.</summary>
internal sealed class UpperLayerMachine
{
    private readonly Lock _gate = new();

    public UpperLayerState State { get; private set; } = UpperLayerState.Idle;

    /// <summary>Moves on; null where the table has nothing for the event in this state.</summary>
    /// <param name="happening">The event.</param>
    /// <param name="condition">Of AE-6: the provider can accept; of AR-8: this side asked for the association.</param>
    public UpperLayerAction? Fire(UpperLayerEvent happening, bool condition = true)
    {
        lock (_gate)
        {
            var action = UpperLayerTable.Find(State, happening);
            action = condition ? action : action?.Otherwise ?? action;
            State = action?.Next ?? State;
            return action;
        }
    }
}
