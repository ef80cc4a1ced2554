using System.Buffers.Binary;

namespace VnaCloud.Dimse.Tests;

/// <summary>B60 and attacks 74 to 76 at this level: what breaks the protocol ends its own association, and nothing else.</summary>
public class HostilePeerTests
{
    private static readonly byte[] Store = RawPeer.Pdv(3, 3, RawPeer.Command(CommandField.CStoreRequest, 1, hasData: true).ToArray());

    public static TheoryData<string> Openings => ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03", "\x03\0\0\x13\x0E\xE0\0\0", "\0\0\0\0\0\0\0\0", "SSH-2.0-x\r\n", "\x08\0\0\0\0\x04"];

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task FirstBytes_OfAnotherProtocol_CloseAtOnce(string opening)
    {
        await using var scp = TestScp.Start();
        using var peer = scp.Raw().Send(System.Text.Encoding.Latin1.GetBytes(opening));
        if (opening[0] != '\x03')
        {
            // RDP's first byte is that of A-ASSOCIATE-RJ: it is told apart by its length.
            Assert.True(peer.Receive() is null or { Type: PduType.Abort });
        }
        else
        {
            peer.ExpectAbort(2, 6);
            peer.CloseSending();
        }
        Assert.True(peer.IsClosed());
        await TestScp.UntilAsync(() => !scp.Dropped.IsEmpty, "dropped connection");
        Assert.Equal(AssociationEndCause.ProtocolError, Assert.Single(scp.Dropped).Cause);
        await ExpectServingAsync(scp);
    }

    [Theory]
    [InlineData(1, 0xFFFF_FFFF)]
    [InlineData(1, 0x8000_0000)]
    [InlineData(1, 0x0004_0001)]
    [InlineData(4, 0xFFFF_FFFF)]
    [InlineData(5, 5)]
    [InlineData(7, 0)]
    public async Task FirstPdu_OfALengthThatIsNotAllowed_IsAborted_WithoutAllocation(byte type, uint length)
    {
        await using var scp = TestScp.Start();
        var header = new byte[6];
        header[0] = type;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(2), length);
        using var peer = scp.Raw().Send(header);
        peer.ExpectAbort(2, 6);
        await ExpectServingAsync(scp);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task FirstPdu_ThatIsNoRequest_IsAborted(byte type)
    {
        await using var scp = TestScp.Start();
        using var peer = scp.Raw().Send([type, 0, 0, 0, 0, type == 4 ? (byte)8 : (byte)4], new byte[8]);
        // AA-1: by the user.
        peer.ExpectAbort(0, 0);
        await ExpectServingAsync(scp);
    }

    [Fact]
    public async Task Request_AsLongAsIsAllowedButBroken_IsAborted()
    {
        await using var scp = TestScp.Start();
        var body = new byte[256 * 1024];
        new Random(3).NextBytes(body);
        using var peer = scp.Raw().Send([1, 0, 0, 4, 0, 0], body);
        peer.ExpectAbort(2, 6);
        await ExpectServingAsync(scp);
    }

    public static TheoryData<string, byte> Faults => new()
    {
        { "unknown context", 6 }, { "data before command", 5 }, { "PDV longer than its PDU", 6 }, { "PDV of 0", 6 }, { "PDV of 1", 6 }, { "empty P-DATA-TF", 6 }, { "P-DATA-TF of 2 GiB", 6 },
        { "unknown PDU", 1 }, { "second request", 2 }, { "accept", 2 }, { "release response", 2 }, { "command too long", 6 }, { "command that is none", 6 }, { "rest of a PDU", 6 },
        { "message within a message", 5 }, { "command within a data set", 5 }, { "release within a data set", 2 }, { "data set too long", 6 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Established_PeerBreaksTheProtocol_IsAbortedWithReason(string fault, byte reason)
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            var failure = await Record.ExceptionAsync(() => request.Data.CopyToAsync(Stream.Null, cancellation));
            outcome.TrySetResult(failure);
            return DimseResponse.Success;
        }, options => options with { Limits = new PduLimits { DataSet = 100_000 } });
        using var peer = scp.Raw().Associate();
        var isInDataSet = fault is "message within a message" or "command within a data set" or "release within a data set" or "data set too long";
        peer.Send(fault switch
        {
            "unknown context" => [RawPeer.Pdv(9, 3, RawPeer.Command(CommandField.CEchoRequest, 1).ToArray())],
            "data before command" => [RawPeer.Pdv(3, 2, 1, 2)],
            "PDV longer than its PDU" => [[4, 0, 0, 0, 0, 8, 0, 0, 0, 5, 1, 3, 1, 1]],
            "PDV of 0" => [[4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 1, 3]],
            "PDV of 1" => [[4, 0, 0, 0, 0, 6, 0, 0, 0, 1, 1, 3]],
            "empty P-DATA-TF" => [[4, 0, 0, 0, 0, 0]],
            "P-DATA-TF of 2 GiB" => [[4, 0, 0x80, 0, 0, 0]],
            "unknown PDU" => [[9, 0, 0, 0, 0, 4, 0, 0, 0, 0]],
            "second request" => [PduWriter.Write(RawPeer.Request())],
            "accept" => [PduWriter.Write(SamplePdus.FullAccept)],
            "release response" => [PduWriter.ReleaseResponse()],
            "command too long" => [.. Enumerable.Range(0, 9).Select(_ => RawPeer.Pdv(1, 1, new byte[8000]))],
            "command that is none" => [RawPeer.Pdv(1, 3, 1, 2, 3, 4)],
            "rest of a PDU" => [[4, 0, 0, 0, 0, 11, 0, 0, 0, 4, 1, 1, 0, 0, 0, 0, 0]],
            "message within a message" => [Store, RawPeer.Pdv(3, 0, 1, 2), RawPeer.Pdv(1, 0, 1, 2)],
            "command within a data set" => [Store, RawPeer.Pdv(3, 0, 1, 2), RawPeer.Pdv(3, 3, RawPeer.Command(CommandField.CEchoRequest, 2).ToArray())],
            "release within a data set" => [Store, RawPeer.Pdv(3, 0, 1, 2), PduWriter.ReleaseRequest()],
            _ => [Store, .. Enumerable.Range(0, 20).Select(_ => RawPeer.Pdv(3, 0, new byte[10_000]))],
        });
        peer.ExpectAbort(2, reason);
        peer.CloseSending();
        Assert.True(peer.IsClosed());
        await TestScp.UntilAsync(() => !scp.Ends.IsEmpty, "end");
        Assert.Equal(AssociationEndCause.ProtocolError, Assert.Single(scp.Ends).Cause);
        if (isInDataSet)
        {
            // What was half received cannot be taken for the whole.
            Assert.IsType<AssociationException>(await outcome.Task);
        }
        await ExpectServingAsync(scp);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("abort")]
    [InlineData("half a PDU")]
    public async Task DataSet_ThatEndsWithTheAssociation_FailsItsReader(string how)
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            outcome.TrySetResult(await Record.ExceptionAsync(() => request.Data.CopyToAsync(Stream.Null, cancellation)));
            return DimseResponse.Success;
        });
        using (var peer = scp.Raw().Associate().Send(Store, RawPeer.Pdv(3, 0, new byte[1000])))
        {
            peer.Send(how switch { "abort" => PduWriter.Write(AbortPdu.ByUser), "half a PDU" => RawPeer.Pdv(3, 2, new byte[1000])[..500], _ => [] });
        }
        var error = Assert.IsType<AssociationException>(await outcome.Task);
        Assert.Equal(how == "abort" ? AssociationEndCause.AbortedByPeer : AssociationEndCause.ConnectionLost, error.End.Cause);
    }

    [Fact]
    public async Task DataSet_CutAnywhere_IsNeverTakenForTheWhole()
    {
        var (whole, broken) = (0, 0);
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            var failure = await Record.ExceptionAsync(() => request.Data.CopyToAsync(Stream.Null, cancellation));
            _ = failure is null ? Interlocked.Increment(ref whole) : Interlocked.Increment(ref broken);
            return DimseResponse.Success;
        });
        byte[] message = [.. Store, .. RawPeer.Pdv(3, 0, new byte[20]), .. RawPeer.Pdv(3, 2, new byte[20])];
        for (var length = 0; length < message.Length; length++)
        {
            using var peer = scp.Raw().Associate().Send(message[..length]);
        }
        await TestScp.UntilAsync(() => scp.Ends.Count == message.Length, "end of each");
        Assert.Equal((0, message.Length - Store.Length), (whole, broken));
    }

    [Fact]
    public async Task Messages_InAnyFragmentsAndPieces_AreUnderstood()
    {
        var received = new List<int>();
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            using var bytes = new MemoryStream();
            await request.Data.CopyToAsync(bytes, cancellation);
            received.Add((int)bytes.Length);
            return DimseResponse.Success;
        });
        using var peer = scp.Raw().Associate();
        var command = RawPeer.Command(CommandField.CStoreRequest, 1, hasData: true).ToArray();
        // Command in pieces of three bytes; command, data set and the next command in one PDU; an empty last fragment; single bytes on the wire.
        byte[][] fragments = [.. command.Chunk(3).Select((piece, index) => RawPeer.Pdv(3, (index + 1) * 3 >= command.Length ? 3 : 1, piece))];
        peer.Send(fragments).Send(RawPeer.Pdv(3, 0, new byte[7]), RawPeer.Pdv(3, 0), RawPeer.Pdv(3, 2));
        Assert.Equal(DimseStatus.Success, peer.ReceiveCommand().Status);
        byte[] pdvs = [.. Store[6..], .. RawPeer.Pdv(3, 2, new byte[9])[6..], .. RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CEchoRequest, 2).ToArray())[6..]];
        byte[] pdu = [4, 0, 0, 0, (byte)(pdvs.Length >> 8), (byte)pdvs.Length, .. pdvs];
        foreach (var single in pdu)
        {
            peer.Send([single]);
        }
        Assert.Equal([1, 2], new[] { peer.ReceiveCommand().RespondedTo, peer.ReceiveCommand().RespondedTo }.Order().Select(id => (int)id));
        Assert.Equal([0, 7, 9], received.Order());
        peer.Send(PduWriter.ReleaseRequest());
        Assert.Equal(PduType.ReleaseResponse, peer.Receive()!.Value.Type);
    }

    [Fact]
    public async Task Pdus_LongerThanWasAgreedOn_AreTakenUpToTheHardLimit()
    {
        await using var scp = TestScp.Start(change: options => options with { MaxReceivePdu = 16384 });
        using var peer = scp.Raw().Associate();
        peer.Send(Store, RawPeer.Pdv(3, 2, new byte[500_000]));
        Assert.Equal(DimseStatus.Success, peer.ReceiveCommand().Status);
    }

    [Theory]
    [InlineData(0x0999, 0x0211)]
    [InlineData(0x0001, 0xC000)]
    public async Task Commands_ThatCannotBeServed_AreAnsweredWithAStatus(ushort field, ushort status)
    {
        await using var scp = TestScp.Start();
        using var peer = scp.Raw().Associate().Send(RawPeer.Pdv(3, 3, RawPeer.Command((CommandField)field, 5).ToArray()));
        var response = peer.ReceiveCommand();
        Assert.Equal((status, (ushort)5), (response.Status.Code, response.RespondedTo));
    }

    [Fact]
    public async Task MessageId_ThatIsInUse_Is0210_AndTheFirstIsAnswered()
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scp = TestScp.Start(async (_, _) =>
        {
            await finish.Task;
            return DimseResponse.Success;
        });
        var echo = RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CEchoRequest, 5).ToArray());
        using var peer = scp.Raw().Associate().Send(echo, echo);
        Assert.Equal(DimseStatus.DuplicateInvocation, peer.ReceiveCommand().Status);
        finish.SetResult();
        Assert.Equal(DimseStatus.Success, peer.ReceiveCommand().Status);
    }

    [Fact]
    public async Task Operations_FarMoreThanWereAgreedOn_EndTheAssociation()
    {
        await using var scp = TestScp.Start(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return DimseResponse.Success;
        });
        using var peer = scp.Raw().Associate();
        for (ushort i = 1; i <= 20; i++)
        {
            peer.TrySend(RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CEchoRequest, i).ToArray()));
        }
        peer.ExpectAbort(2, 0);
    }

    [Fact]
    public async Task Cancel_OfWhatIsNotUnderWay_IsIgnored()
    {
        await using var scp = TestScp.Start();
        using var peer = scp.Raw().Associate();
        peer.Send(RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CCancelRequest, 77).ToArray()), RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CEchoRequest, 1).ToArray()));
        Assert.Equal((ushort)1, peer.ReceiveCommand().RespondedTo);
    }

    [Fact]
    public async Task Streams_ChangedAtRandom_EndTheirAssociationsAndNothingElse()
    {
        var (whole, random) = (0, new Random(11));
        await using var scp = TestScp.Start(async (request, _) =>
        {
            using var bytes = new MemoryStream();
            // To its end, although the release behind it has come.
            await request.Data.CopyToAsync(bytes, CancellationToken.None);
            Interlocked.Increment(ref whole);
            return request.Field == CommandField.CFindRequest ? new DimseResponse(DimseStatus.Success) { DataSet = TestScp.Identifier("STUDY") } : DimseResponse.Success;
        });
        var find = RawPeer.Pdv(5, 3, RawPeer.Command(CommandField.CFindRequest, 2, hasData: true, TestScp.StudyRootFind).ToArray());
        byte[] stream =
        [
            .. RawPeer.Pdv(1, 3, RawPeer.Command(CommandField.CEchoRequest, 1).ToArray()), .. Store, .. RawPeer.Pdv(3, 0, new byte[300]), .. RawPeer.Pdv(3, 2, new byte[30]),
            .. find, .. RawPeer.Pdv(5, 2, new byte[40]), .. RawPeer.Pdv(5, 3, RawPeer.Command(CommandField.CCancelRequest, 2).ToArray()), .. Store, .. RawPeer.Pdv(3, 2, new byte[99]), .. PduWriter.ReleaseRequest(),
        ];
        var rounds = TestKit.TestLength.Of(100, 600, 20_000);
        for (var i = 0; i < rounds; i++)
        {
            var changed = stream.ToArray();
            for (var steps = random.Next(0, 4); steps > 0; steps--)
            {
                changed[random.Next(changed.Length)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
            }
            using var peer = scp.Raw().Associate().TrySend(changed[..(random.Next(3) == 0 ? random.Next(changed.Length) : changed.Length)]);
            peer.CloseSending();
            while (peer.Receive() is not null)
            {
            }
        }
        await TestScp.UntilAsync(() => scp.Ends.Count == rounds, "end of each");
        Assert.InRange(whole, rounds / 4, rounds * 4);
        Assert.All(scp.Ends, end => Assert.NotEqual(AssociationEndCause.TimedOut, end.Cause));
        await ExpectServingAsync(scp);
    }

    private static async Task ExpectServingAsync(TestScp scp)
    {
        await using var honest = await scp.ConnectAsync();
        Assert.True((await honest.EchoAsync()).Status.IsSuccess);
        await honest.ReleaseAsync();
        Assert.Empty(scp.Failures);
    }
}
