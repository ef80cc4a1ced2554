using VnaCloud.Dicom;

namespace VnaCloud.Dimse.Tests;

/// <summary>Both sides of this library, over a socket.</summary>
public class AssociationTests
{
    [Fact]
    public async Task Echo_ThenRelease_EndsBothSidesReleased()
    {
        await using var scp = TestScp.Start();
        await using var association = await scp.ConnectAsync();
        Assert.Equal(DimseStatus.Success, (await association.EchoAsync()).Status);
        await association.ReleaseAsync();
        Assert.Equal(AssociationEndCause.Released, (await association.Completion).Cause);
        await TestScp.UntilAsync(() => !scp.Ends.IsEmpty, "end");
        Assert.Equal(AssociationEndCause.Released, Assert.Single(scp.Ends).Cause);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_378)]
    [InlineData(16_379)]
    [InlineData(131_066)]
    [InlineData(131_067)]
    [InlineData(1_000_001)]
    public async Task Store_OfAnyLength_ArrivesAsItWas(int length)
    {
        var sent = new byte[length];
        new Random(length).NextBytes(sent);
        byte[] received = [];
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            using var bytes = new MemoryStream();
            await request.Data.CopyToAsync(bytes, cancellation);
            received = bytes.ToArray();
            return DimseResponse.Success;
        });
        await using var association = await scp.ConnectAsync();
        var response = await association.StoreAsync(association.FindContext(TestScp.CtStorage)!, new StoreInstance(TestScp.CtStorage, "1.2.3"), new MemoryStream(sent));
        Assert.Equal(DimseStatus.Success, response.Status);
        Assert.Equal("1.2.3", response.AffectedSopInstanceUid);
        Assert.Equal(TestScp.CtStorage, response.Command!.SopClassUid);
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Store_ReadInPiecesOfAnySize_ArrivesAsItWas()
    {
        var sent = new byte[300_000];
        new Random(7).NextBytes(sent);
        foreach (var piece in (int[])[1, 7, 4096, 65_536, 1_000_000])
        {
            using var received = new MemoryStream();
            await using var scp = TestScp.Start(async (request, cancellation) =>
            {
                var buffer = new byte[piece];
                for (int read; (read = await request.Data.ReadAsync(buffer, cancellation)) > 0;)
                {
                    received.Write(buffer, 0, read);
                }
                return DimseResponse.Success;
            });
            await using var association = await scp.ConnectAsync();
            await association.StoreAsync(association.FindContext(TestScp.CtStorage)!, new StoreInstance(TestScp.CtStorage, "1.2.3"), new MemoryStream(sent));
            Assert.Equal(sent, received.ToArray());
        }
    }

    [Fact]
    public async Task Handler_ThatReadsNothingOrThrows_LeavesTheAssociationUsable()
    {
        await using var scp = TestScp.Start((request, _) => request.Field == CommandField.CStoreRequest
            ? throw new DicomFormatException(DicomFault.Malformed, "no", 0)
            : Task.FromResult(DimseResponse.Success));
        await using var association = await scp.ConnectAsync();
        var response = await association.StoreAsync(association.FindContext(TestScp.CtStorage)!, new StoreInstance(TestScp.CtStorage, "1.2.3"), new MemoryStream(new byte[1_000_000]));
        Assert.Equal(DimseStatus.CannotUnderstand, response.Status);
        Assert.Equal("The data set cannot be read", response.ErrorComment);
        Assert.Equal(DimseStatus.Success, (await association.EchoAsync()).Status);
        Assert.IsType<DicomFormatException>(Assert.Single(scp.Failures));
    }

    [Fact]
    public async Task Find_GivesEveryMatchAndTheFinalResponse()
    {
        await using var scp = TestScp.Start(async (request, _) =>
        {
            var identifier = await request.ReadDataSetAsync();
            Assert.Equal("STUDY", identifier.String(DicomTags.QueryRetrieveLevel));
            for (var i = 0; i < 500; i++)
            {
                await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { DataSet = new DicomDataSet().Set(DicomTags.StudyInstanceUID, DicomVr.UI, $"1.2.{i}") });
            }
            return DimseResponse.Success;
        });
        await using var association = await scp.ConnectAsync();
        var responses = await association.FindAsync(TestScp.StudyRootFind, TestScp.Identifier("STUDY")).ToListAsync();
        Assert.Equal(501, responses.Count);
        Assert.Equal("1.2.499", responses[499].DataSet!.String(DicomTags.StudyInstanceUID));
        Assert.True(responses[500].Status.IsSuccess);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task Find_ConsumerLeavesTheLoop_CancelsAtThePeerAndGoesOn()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            if (request.Field == CommandField.CEchoRequest)
            {
                return DimseResponse.Success;
            }
            try
            {
                while (true)
                {
                    await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { DataSet = TestScp.Identifier("STUDY") });
                }
            }
            finally
            {
                Assert.True(request.IsCancelRequested && cancellation.IsCancellationRequested);
                cancelled.SetResult();
            }
        });
        await using var association = await scp.ConnectAsync();
        await foreach (var response in association.FindAsync(TestScp.StudyRootFind, TestScp.Identifier("STUDY")))
        {
            Assert.True(response.Status.IsPending);
            break;
        }
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True((await association.EchoAsync()).Status.IsSuccess);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task Find_TokenIsCancelled_EndsWithFe00AndThrows()
    {
        using var stop = new CancellationTokenSource();
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { DataSet = TestScp.Identifier("STUDY") });
            await Task.Delay(Timeout.Infinite, cancellation);
            return DimseResponse.Success;
        });
        await using var association = await scp.ConnectAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in association.FindAsync(TestScp.StudyRootFind, TestScp.Identifier("STUDY"), stop.Token))
            {
                await stop.CancelAsync();
            }
        });
        Assert.Null((await Record.ExceptionAsync(association.ReleaseAsync))?.Message);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task Get_SubOperationsComeOnTheSameAssociation()
    {
        var stored = new List<string>();
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            var context = request.Association.FindContext(TestScp.CtStorage)!;
            for (ushort i = 1; i <= 20; i++)
            {
                var response = await request.Association.StoreAsync(context, new StoreInstance(TestScp.CtStorage, $"1.2.{i}"), new MemoryStream(new byte[50_000]), cancellation);
                Assert.True(response.Status.IsSuccess);
                await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { SubOperations = new((ushort)(20 - i), i, 0, 0) });
            }
            return new DimseResponse(DimseStatus.Success) { SubOperations = new(null, 20, 0, 0) };
        });
        var options = scp.Client() with
        {
            Roles = [new(TestScp.CtStorage, ServiceRoles.Scp)],
            Handler = async (request, _) =>
            {
                Assert.Equal(50_000, await LengthAsync(request.Data));
                stored.Add(request.Command.SopInstanceUid);
                return DimseResponse.Success;
            },
        };
        await using var association = await DimseAssociation.ConnectAsync(options);
        var responses = await association.GetAsync(TestScp.StudyRootGet, TestScp.Identifier("STUDY")).ToListAsync();
        Assert.Equal(21, responses.Count);
        Assert.Equal(new SubOperations(15, 5, 0, 0), responses[4].SubOperations);
        Assert.Equal(new SubOperations(null, 20, 0, 0), responses[20].SubOperations);
        Assert.Equal(20, stored.Count);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task Store_WhoseHandlerEndsUnread_WhenTheAssociationIsAborted_DoesNotKeepIt()
    {
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            await request.Association.AbortAsync();
            throw new OperationCanceledException(cancellation);
        });
        await using var association = await scp.ConnectAsync();
        var data = new MemoryStream(new byte[100_000]);
        await Assert.ThrowsAsync<AssociationException>(() => association.StoreAsync(association.FindContext(TestScp.CtStorage)!, new StoreInstance(TestScp.CtStorage, "1.2"), data));
        Assert.True(scp.Established.TryPeek(out var accepted));
        await accepted.Completion.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task NormalizedOperations_ReachTheHandlerAsAsked()
    {
        var seen = new List<(CommandField, string, ushort?)>();
        await using var scp = TestScp.Start(async (request, _) =>
        {
            seen.Add((request.Field, request.Command.SopInstanceUid, request.Command.TypeId));
            var data = request.HasDataSet ? await request.ReadDataSetAsync() : null;
            return new DimseResponse(DimseStatus.Success) { DataSet = data, AffectedSopInstanceUid = request.Command.SopInstanceUid.Length > 0 ? null : "1.9" };
        });
        // Events are the SCP's to report, all else the SCU's to ask.
        await using var association = await DimseAssociation.ConnectAsync(scp.Client() with { Roles = [new RoleSelection(TestScp.StorageCommitment, ServiceRoles.Scu | ServiceRoles.Scp)] });
        var instance = new SopInstance(TestScp.StorageCommitment, "1.2.840.10008.1.20.1.1");
        var data = new DicomDataSet().Set(DicomTags.TransactionUID, DicomVr.UI, "1.2.3");
        Assert.Equal("1.2.3", (await association.ActionAsync(instance, 1, data)).DataSet!.String(DicomTags.TransactionUID));
        Assert.Equal((ushort)2, (await association.EventReportAsync(instance, 2, data)).Command!.TypeId);
        Assert.True((await association.GetAttributesAsync(instance, [DicomTags.PatientID])).Status.IsSuccess);
        Assert.True((await association.SetAttributesAsync(instance, data)).Status.IsSuccess);
        Assert.Equal("1.9", (await association.CreateAsync(instance with { SopInstanceUid = "" }, null)).AffectedSopInstanceUid);
        Assert.True((await association.DeleteAsync(instance)).Status.IsSuccess);
        Assert.Equal(
            [CommandField.NActionRequest, CommandField.NEventReportRequest, CommandField.NGetRequest, CommandField.NSetRequest, CommandField.NCreateRequest, CommandField.NDeleteRequest],
            seen.Select(operation => operation.Item1));
        Assert.Equal([(ushort?)1, (ushort?)2], seen.Take(2).Select(operation => operation.Item3));
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task AsyncWindow_IsAgreedOn_AndStoresOverlap()
    {
        var together = new Barrier(3);
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            await LengthAsync(request.Data);
            // Each waits for the two others: one at a time would never end.
            await Task.Run(() => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(10))), cancellation);
            return DimseResponse.Success;
        });
        await using var association = await DimseAssociation.ConnectAsync(scp.Client() with { AsyncWindow = new(3, 1) });
        Assert.Equal(3, association.MaxInvoked);
        var context = association.FindContext(TestScp.CtStorage)!;
        var responses = await Task.WhenAll(Enumerable.Range(1, 9).Select(i => association.StoreAsync(context, new StoreInstance(TestScp.CtStorage, $"1.2.{i}"), new MemoryStream(new byte[100_000]))));
        Assert.All(responses, response => Assert.True(response.Status.IsSuccess));
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task WithoutWindow_OneOperationIsOutstanding()
    {
        var (running, most) = (0, 0);
        await using var scp = TestScp.Start(async (request, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await LengthAsync(request.Data);
            Interlocked.Decrement(ref running);
            return DimseResponse.Success;
        });
        await using var association = await scp.ConnectAsync();
        var context = association.FindContext(TestScp.CtStorage)!;
        await Task.WhenAll(Enumerable.Range(1, 50).Select(i => association.StoreAsync(context, new StoreInstance(TestScp.CtStorage, $"1.2.{i}"), new MemoryStream(new byte[1000]))));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Store_SourceFailsHalfWay_AbortsAndThePeerDiscards()
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scp = TestScp.Start(async (request, _) =>
        {
            outcome.SetResult(await Record.ExceptionAsync(() => LengthAsync(request.Data)));
            return DimseResponse.Success;
        });
        await using var association = await scp.ConnectAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => association.StoreAsync(
            association.FindContext(TestScp.CtStorage)!, new StoreInstance(TestScp.CtStorage, "1.2.3"), new FailingStream(1_000_000)));
        Assert.Equal(AssociationEndCause.AbortedByPeer, Assert.IsType<AssociationException>(await outcome.Task).End.Cause);
        Assert.Equal(AssociationEndCause.AbortedLocally, (await association.Completion).Cause);
    }

    [Fact]
    public async Task Stop_WaitsForWhatIsUnderWay_AndEndsWhatIsIdle()
    {
        var (begun, finish) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var scp = TestScp.Start(async (request, _) =>
        {
            begun.SetResult();
            await finish.Task;
            return DimseResponse.Success;
        });
        await using var busy = await scp.ConnectAsync();
        await using var idle = await scp.ConnectAsync();
        using var halfOpen = scp.Raw();
        var echo = busy.EchoAsync();
        await begun.Task;
        var stopping = scp.Listener.StopAsync(CancellationToken.None);
        Assert.Equal(AssociationEndCause.AbortedByPeer, (await idle.Completion).Cause);
        Assert.True(halfOpen.IsClosed());
        Assert.False(stopping.IsCompleted);
        finish.SetResult();
        Assert.True((await echo).Status.IsSuccess);
        await stopping;
        Assert.Equal(AssociationEndCause.AbortedByPeer, (await busy.Completion).Cause);
    }

    private static async Task<long> LengthAsync(Stream stream)
    {
        var (buffer, length) = (new byte[65_536], 0L);
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; length += read)
        {
        }
        return length;
    }

    private sealed class FailingStream(int after) : ReadOnlyStream
    {
        private int _left = after;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
            {
                throw new InvalidDataException("The disk.");
            }
            var read = Math.Min(buffer.Length, _left);
            _left -= read;
            return new(read);
        }
    }
}
