using System.Collections.Concurrent;
using System.Net;
using VnaCloud.Dicom;

namespace VnaCloud.Dimse.Tests;

/// <summary>A listener on a free port that takes everything, unless a test says otherwise, and remembers what happened.</summary>
internal sealed class TestScp : IAsyncDisposable
{
    public const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    public const string StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";
    public const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    public const string StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";
    public const string StorageCommitment = "1.2.840.10008.1.20.1";
    public const string ExplicitLittle = "1.2.840.10008.1.2.1";
    public const string ImplicitLittle = "1.2.840.10008.1.2";

    private TestScp(DimseListener listener) => Listener = listener;

    public DimseListener Listener { get; private set; }

    public int Port => Listener.LocalEndPoint.Port;

    public ConcurrentQueue<AssociationEnd> Ends { get; } = new();

    public ConcurrentQueue<AssociationEnd> Dropped { get; } = new();

    public ConcurrentQueue<AssociateReject> Rejected { get; } = new();

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public ConcurrentQueue<DimseAssociation> Established { get; } = new();

    public static TestScp Start(DimseHandler? handler = null, Func<DimseListenerOptions, DimseListenerOptions>? change = null, AssociationPolicy? policy = null)
    {
        var scp = new TestScp(null!);
        var options = new DimseListenerOptions
        {
            Port = 0,
            Events = new DimseEvents
            {
                Established = scp.Established.Enqueue,
                Ended = (_, end) => scp.Ends.Enqueue(end),
                Dropped = (_, end) => scp.Dropped.Enqueue(end),
                Rejected = (_, reject) => scp.Rejected.Enqueue(reject),
                HandlerFailed = (_, error) => scp.Failures.Enqueue(error),
                Failed = scp.Failures.Enqueue,
            },
        };
        handler ??= (_, _) => Task.FromResult(DimseResponse.Success);
        scp.Listener = new DimseListener(change?.Invoke(options) ?? options, policy ?? ((_, _) => new(Accept(handler))));
        scp.Listener.Start();
        return scp;
    }

    /// <summary>Takes every context in the requestor's first transfer syntax.</summary>
    public static AssociationAcceptance Accept(DimseHandler handler) => new(handler, context => ContextChoice.InProposedOrder(context, _ => true));

    /// <summary>What a test asks for unless it says otherwise: Verification, CT storage and the query models.</summary>
    public DimseConnectOptions Client() => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        CalledAeTitle = "SCP",
        CallingAeTitle = "SCU",
        Contexts = DimseConnectOptions.Propose(
            (DimseAssociation.Verification, [ImplicitLittle]), (CtStorage, [ExplicitLittle]), (StudyRootFind, [ExplicitLittle]),
            (StudyRootMove, [ExplicitLittle]), (StudyRootGet, [ExplicitLittle]), (StorageCommitment, [ImplicitLittle])),
    };

    public Task<DimseAssociation> ConnectAsync() => DimseAssociation.ConnectAsync(Client());

    public RawPeer Raw(string from = "127.0.0.1") => new(IPAddress.Parse(from), Port);

    /// <summary>Waits until something that has to happen has happened.</summary>
    public static async Task UntilAsync(Func<bool> happened, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!happened())
        {
            Assert.True(!limit.IsCancellationRequested, $"Within 20 s there was no {what}.");
            await timer.WaitForNextTickAsync();
        }
    }

    public static DicomDataSet Identifier(string level) => new DicomDataSet()
        .Set(DicomTags.QueryRetrieveLevel, DicomVr.CS, level)
        .Set(DicomTags.StudyInstanceUID, DicomVr.UI, "1.2.3");

    public ValueTask DisposeAsync() => Listener.DisposeAsync();
}
