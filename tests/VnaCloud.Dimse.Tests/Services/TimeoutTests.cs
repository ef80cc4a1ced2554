using System.Net;
using System.Net.Sockets;

namespace VnaCloud.Dimse.Tests;

/// <summary>B18: nothing waits for ever, and nobody is given up too soon. The clock is the test's.</summary>
public class TimeoutTests
{
    private static readonly byte[] Store = RawPeer.Pdv(3, 3, RawPeer.Command(CommandField.CStoreRequest, 1, hasData: true).ToArray());
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Artim_NoWholeRequestInTime_Closes(int sent)
    {
        await using var scp = Start();
        using var peer = scp.Raw().Send(PduWriter.Write(RawPeer.Request())[..sent]);
        await ExpectEndAsync(peer, scp.Dropped, TimeSpan.FromSeconds(10), () => sent == 0 ? [] : PduWriter.Write(RawPeer.Request())[sent..(sent + 1)]);
    }

    [Fact]
    public async Task Artim_PeerDoesNotCloseAfterRejection_ClosesForIt()
    {
        await using var scp = Start(policy: (_, _) => new(AssociateReject.NoReason));
        using var peer = scp.Raw().Send(PduWriter.Write(RawPeer.Request()));
        Assert.Equal(PduType.AssociateReject, peer.Receive()!.Value.Type);
        await AdvanceUntilAsync(() => peer.HasEnded, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Artim_PeerDoesNotCloseAfterRelease_ClosesForIt_AndTheEndIsARelease()
    {
        await using var scp = Start();
        using var peer = scp.Raw().Associate().Send(PduWriter.ReleaseRequest());
        Assert.Equal(PduType.ReleaseResponse, peer.Receive()!.Value.Type);
        await AdvanceUntilAsync(() => peer.HasEnded, TimeSpan.FromSeconds(30));
        await TestScp.UntilAsync(() => !scp.Ends.IsEmpty, "end");
        Assert.Equal(AssociationEndCause.Released, Assert.Single(scp.Ends).Cause);
    }

    [Fact]
    public async Task Idle_Association_IsAborted_NotBefore()
    {
        await using var scp = Start();
        using var peer = scp.Raw().Associate();
        for (ushort i = 1; i <= 3; i++)
        {
            var association = await OneAsync(scp);
            await TestScp.UntilAsync(() => association.IsWaiting, "waiting association");
            _time.Advance(TimeSpan.FromSeconds(50));
            peer.Send(RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CEchoRequest, i).ToArray()));
            Assert.Equal(i, peer.ReceiveCommand().RespondedTo);
        }
        await ExpectAbortAsync(peer, scp, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Idle_WhileAHandlerWorks_IsNotIdle_AndIsAfterwards()
    {
        var (begun, finish) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var scp = Start(async (_, _) =>
        {
            begun.SetResult();
            await finish.Task;
            return DimseResponse.Success;
        });
        using var peer = scp.Raw().Associate().Send(RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CEchoRequest, 1).ToArray()));
        await begun.Task;
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(scp.Ends);
        finish.SetResult();
        Assert.Equal(DimseStatus.Success, peer.ReceiveCommand().Status);
        await ExpectAbortAsync(peer, scp, TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task DataSet_ThatStallsOrDrips_IsAborted(int drip)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scp = Start(async (request, cancellation) =>
        {
            begun.SetResult();
            await request.Data.CopyToAsync(Stream.Null, cancellation);
            return DimseResponse.Success;
        });
        using var peer = scp.Raw().Associate().Send(Store, RawPeer.Pdv(3, 0, new byte[100]));
        await begun.Task;
        var association = await OneAsync(scp);
        for (var second = 0; second < 40 && scp.Ends.IsEmpty && !association.Completion.IsCompleted; second++)
        {
            if (drip > 0)
            {
                peer.TrySend(RawPeer.Pdv(3, 0, new byte[drip]));
            }
            await StepAsync(TimeSpan.FromSeconds(1));
        }
        peer.ExpectAbort(0, 0);
        peer.CloseSending();
        Assert.Equal(AssociationEndCause.TimedOut, (await association.Completion).Cause);
    }

    [Fact]
    public async Task DataSet_WhoseConsumerIsSlow_IsNotThePeersFault()
    {
        var (begun, goOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var scp = Start(async (request, cancellation) =>
        {
            _ = await request.Data.ReadAsync(new byte[10], cancellation);
            begun.SetResult();
            await goOn.Task;
            await request.Data.CopyToAsync(Stream.Null, cancellation);
            return DimseResponse.Success;
        });
        using var peer = scp.Raw().Associate().Send(Store, RawPeer.Pdv(3, 0, new byte[100]));
        await begun.Task;
        _time.Advance(TimeSpan.FromHours(1));
        goOn.SetResult();
        peer.Send(RawPeer.Pdv(3, 2, new byte[100]));
        Assert.Equal(DimseStatus.Success, peer.ReceiveCommand().Status);
    }

    [Fact]
    public async Task Response_ThatDoesNotCome_FailsTheOperation()
    {
        await using var scp = TestScp.Start(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return DimseResponse.Success;
        });
        await using var association = await DimseAssociation.ConnectAsync(scp.Client() with { Time = _time });
        var echo = association.EchoAsync();
        await AdvanceUntilAsync(() => echo.IsCompleted, TimeSpan.FromSeconds(70));
        Assert.Equal(AssociationEndCause.TimedOut, (await Assert.ThrowsAsync<AssociationException>(() => echo)).End.Cause);
    }

    [Fact]
    public async Task Answer_ToARequestThatDoesNotCome_FailsTheConnect()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var connecting = DimseAssociation.ConnectAsync(DcmtkScpTests.Client(((IPEndPoint)silent.LocalEndpoint).Port, ("1.2", ["1.2"])) with { Time = _time });
        await AdvanceUntilAsync(() => connecting.IsCompleted, TimeSpan.FromSeconds(60));
        Assert.Equal(AssociationEndCause.TimedOut, (await Assert.ThrowsAsync<AssociationException>(() => connecting)).End.Cause);
    }

    [Fact]
    public async Task Release_ThatIsNotAnswered_Aborts()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var connecting = DimseAssociation.ConnectAsync(DcmtkScpTests.Client(((IPEndPoint)server.LocalEndpoint).Port, ("1.2", ["1.2"])) with { Time = _time });
        using var peer = Accept(await server.AcceptSocketAsync());
        var association = await connecting;
        var releasing = association.ReleaseAsync();
        Assert.Equal(PduType.ReleaseRequest, peer.Receive()!.Value.Type);
        await AdvanceUntilAsync(() => releasing.IsCompleted, TimeSpan.FromSeconds(30));
        peer.ExpectAbort(0, 0);
        Assert.Equal(AssociationEndCause.AbortedLocally, (await association.Completion).Cause);
    }

    [Fact]
    public async Task Release_CollidesWithThePeers_EndsReleased()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var connecting = DimseAssociation.ConnectAsync(DcmtkScpTests.Client(((IPEndPoint)server.LocalEndpoint).Port, ("1.2", ["1.2"])));
        using var peer = Accept(await server.AcceptSocketAsync());
        var association = await connecting;
        peer.Send(PduWriter.ReleaseRequest());
        // Both orders are right: asked after the peer, or before.
        var releasing = association.ReleaseAsync();
        var types = new List<PduType>();
        for (var pdu = peer.Receive(); pdu is not null; pdu = peer.Receive())
        {
            types.Add(pdu.Value.Type);
            if (pdu.Value.Type == PduType.ReleaseResponse)
            {
                peer.TrySend(PduWriter.ReleaseResponse()).CloseSending();
            }
        }
        await releasing;
        Assert.Contains(PduType.ReleaseResponse, types);
        Assert.Equal(AssociationEndCause.Released, (await association.Completion).Cause);
    }

    [Fact]
    public async Task Peer_ThatDoesNotReadWhatItAskedFor_IsGivenUp()
    {
        await using var scp = Start(async (request, _) =>
        {
            while (true)
            {
                await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { DataSet = TestScp.Identifier(new string('X', 10_000)) });
            }
        });
        using var peer = scp.Raw().Associate();
        peer.Send(RawPeer.Pdv(5, 3, RawPeer.Command(CommandField.CFindRequest, 1, hasData: true, TestScp.StudyRootFind).ToArray()), RawPeer.Pdv(5, 2));
        await AdvanceUntilAsync(() => !scp.Ends.IsEmpty, TimeSpan.FromMinutes(5));
        Assert.Equal(AssociationEndCause.TimedOut, Assert.Single(scp.Ends).Cause);
    }

    private static RawPeer Accept(Socket socket)
    {
        var peer = new RawPeer(socket);
        var request = AssociateParser.Request(peer.Receive()!.Value.Body, PduLimits.Default);
        return peer.Send(PduWriter.Write(new AssociateAccept
        {
            CalledAeTitle = request.CalledAeTitle, CallingAeTitle = request.CallingAeTitle, User = new UserInformation { MaxPduLength = 16384 },
            Contexts = [.. request.Contexts.Select(context => new ContextResult(context.Id, ContextDecision.Acceptance, context.TransferSyntaxes[0]))],
        }));
    }

    private TestScp Start(DimseHandler? handler = null, AssociationPolicy? policy = null) => TestScp.Start(handler, options => options with { Time = _time }, policy);

    private static async Task<DimseAssociation> OneAsync(TestScp scp)
    {
        await TestScp.UntilAsync(() => !scp.Established.IsEmpty, "association");
        return scp.Established.First();
    }

    /// <summary>Moves the clock, and lets what waits for it and for the socket take its turn.</summary>
    private async Task StepAsync(TimeSpan by)
    {
        _time.Advance(by);
        await Task.Delay(TimeSpan.FromMilliseconds(2));
    }

    private async Task AdvanceUntilAsync(Func<bool> happened, TimeSpan most)
    {
        for (var passed = TimeSpan.Zero; passed < most && !happened(); passed += TimeSpan.FromSeconds(1))
        {
            await StepAsync(TimeSpan.FromSeconds(1));
        }
        await TestScp.UntilAsync(happened, "end in time");
    }

    private async Task ExpectAbortAsync(RawPeer peer, TestScp scp, TimeSpan limit)
    {
        var association = await OneAsync(scp);
        // The limit begins when the association waits; it has not passed one second before its end.
        await TestScp.UntilAsync(() => association.IsWaiting || association.Completion.IsCompleted, "waiting association");
        Assert.Empty(scp.Ends);
        _time.Advance(limit - TimeSpan.FromSeconds(1));
        Assert.Empty(scp.Ends);
        _time.Advance(TimeSpan.FromSeconds(2));
        peer.ExpectAbort(0, 0);
        peer.CloseSending();
        Assert.Equal(AssociationEndCause.TimedOut, (await association.Completion).Cause);
    }

    private async Task ExpectEndAsync(RawPeer peer, System.Collections.Concurrent.ConcurrentQueue<AssociationEnd> ends, TimeSpan limit, Func<byte[]> drip)
    {
        _time.Advance(limit - TimeSpan.FromSeconds(1));
        peer.Send(drip());
        Assert.Empty(ends);
        await AdvanceUntilAsync(() => ends.Count == 1, TimeSpan.FromSeconds(30));
        Assert.Equal(AssociationEndCause.TimedOut, ends.Single().Cause);
        Assert.True(peer.IsClosed());
    }
}
