using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VnaCloud.Dimse.Tests;

/// <summary>A peer that says whatever a test makes it say, byte by byte.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;

    public RawPeer(IPAddress from, int port)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 20_000 };
        _socket.Bind(new IPEndPoint(from, 0));
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>The peer of a test that plays the acceptor.</summary>
    public RawPeer(Socket accepted) => _socket = accepted;

    public static AssociateRequest Request(string called = "SCP", string calling = "SCU", params IReadOnlyList<ProposedContext> contexts) => new()
    {
        CalledAeTitle = called,
        CallingAeTitle = calling,
        Contexts = contexts.Count > 0
            ? contexts
            : [new(1, DimseAssociation.Verification, [TestScp.ImplicitLittle]), new(3, TestScp.CtStorage, [TestScp.ExplicitLittle]), new(5, TestScp.StudyRootFind, [TestScp.ExplicitLittle])],
        User = new UserInformation { MaxPduLength = 16384, ImplementationClassUid = "1.2.3" },
    };

    public static byte[] Pdv(byte context, int control, params byte[] data)
    {
        var pdu = new byte[12 + data.Length];
        pdu[0] = 4;
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(2), data.Length + 6);
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(6), data.Length + 2);
        pdu[10] = context;
        pdu[11] = (byte)control;
        data.CopyTo(pdu, 12);
        return pdu;
    }

    public static CommandSet Command(CommandField field, ushort messageId, bool hasData = false, string sopClass = TestScp.CtStorage) => new CommandSet()
        .With(Dicom.DicomTags.CommandField, (ushort)field)
        .With(field == CommandField.CCancelRequest ? Dicom.DicomTags.MessageIDBeingRespondedTo : Dicom.DicomTags.MessageID, messageId)
        .With(Dicom.DicomTags.AffectedSOPClassUID, sopClass)
        .With(Dicom.DicomTags.AffectedSOPInstanceUID, "1.2.3.4")
        .With(Dicom.DicomTags.CommandDataSetType, hasData ? (ushort)1 : CommandSet.NoDataSet);

    public RawPeer Send(params byte[][] pieces)
    {
        _socket.Send(pieces.SelectMany(piece => piece).ToArray());
        return this;
    }

    /// <summary>Sends what the other side may no longer take.</summary>
    public RawPeer TrySend(byte[] bytes)
    {
        try
        {
            _socket.Send(bytes);
        }
        catch (SocketException)
        {
            // It has closed already: that is what the test looks at next.
        }
        return this;
    }

    public RawPeer Associate(AssociateRequest? request = null)
    {
        Send(PduWriter.Write(request ?? Request()));
        var (type, _) = Receive() ?? throw new InvalidOperationException("closed");
        Assert.Equal(PduType.AssociateAccept, type);
        return this;
    }

    /// <summary>The next PDU's type and body; null at the end of the connection.</summary>
    public (PduType Type, byte[] Body)? Receive()
    {
        var header = ReceiveExactly(6);
        return header is null ? null : ((PduType)header[0], ReceiveExactly(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(2))) ?? []);
    }

    /// <summary>The command set of the next message; its data set follows in other PDUs.</summary>
    public CommandSet ReceiveCommand()
    {
        var (type, body) = Receive() ?? throw new InvalidOperationException("closed");
        Assert.Equal(PduType.Data, type);
        return CommandSet.Parse(body.AsSpan(6), PduLimits.Default);
    }

    /// <summary>Nothing more comes: closed, in order or by reset.</summary>
    public bool IsClosed()
    {
        try
        {
            return _socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    /// <summary>The connection has ended, and everything that came before has been received.</summary>
    public bool HasEnded => _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;

    public void ExpectAbort(byte source, byte reason)
    {
        var (type, body) = Receive() ?? throw new InvalidOperationException("closed without A-ABORT");
        Assert.Equal(PduType.Abort, type);
        Assert.Equal((source, reason), (body[2], body[3]));
    }

    public void CloseSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other side was first.
        }
    }

    public void Dispose() => _socket.Dispose();

    private byte[]? ReceiveExactly(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            int read;
            try
            {
                read = _socket.Receive(bytes.AsSpan(at));
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
            {
                return null;
            }
            if (read == 0)
            {
                return null;
            }
            at += read;
        }
        return bytes;
    }
}
