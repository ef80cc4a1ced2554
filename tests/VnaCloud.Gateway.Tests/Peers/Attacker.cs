using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>A connection from another address than honest peers', that says what it likes.</summary>
internal sealed class Attacker : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private Attacker()
    {
    }

    /// <summary>Bytes of a port scan, by what they are.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Scan(Random random)
    {
        List<(string, byte[])> scan =
        [
            ("HTTP", "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"u8.ToArray()),
            ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray()),
            ("TLS", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, .. Bytes(random, 500)]),
            ("RDP", [3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0]),
            ("SSH", "SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray()),
        ];
        for (byte type = 0; type <= 8; type++)
        {
            foreach (var length in (uint[])[0, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF])
            {
                scan.Add(($"PDU {type} of {length:X8}H", [.. Pdu(type, length), .. Bytes(random, 64)]));
            }
        }
        scan.AddRange(Enumerable.Range(0, 20).Select(i => ($"random {i}", Bytes(random, 1 + random.Next(4_000)))));
        return scan;
    }

    /// <summary>The first bytes of an A-ASSOCIATE-RQ that never comes to its end.</summary>
    public static byte[] HalfRequest { get; } = [.. Pdu(1, 200), 0, 1, 0, 0, .. "VNACLOUD        CT1     "u8];

    public static async Task<Attacker> ConnectAsync(string from, int port)
    {
        var attacker = new Attacker();
        attacker._socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await attacker._socket.ConnectAsync(IPAddress.Loopback, port);
        return attacker;
    }

    /// <summary>Says something; whoever closed meanwhile does not hear it.</summary>
    public async Task SayAsync(byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // Closed by the other side.
        }
    }

    /// <summary>Ends when the other side has closed.</summary>
    public async Task UntilClosedAsync(CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, cancellation) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // By a reset.
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Pdu(byte type, uint length)
    {
        var header = new byte[6];
        header[0] = type;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(2), length);
        return header;
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
