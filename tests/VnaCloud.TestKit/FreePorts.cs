using System.Net;
using System.Net.Sockets;

namespace VnaCloud.TestKit;

/// <summary>
/// Ports for servers that tests start. They lie below the range from which the system takes ports for outgoing connections and for listeners
/// that name none, and none is given twice: a port that two tests were given leads the one's client to the other's server.
/// </summary>
public static class FreePorts
{
    private const int First = 10_000;
    private const int End = 32_000;

    private static readonly Lock Gate = new();

    // Each process begins somewhere else, for those that run at once.
    private static int _next = Random.Shared.Next(First, End);

    /// <summary>A port of 127.0.0.1, or of another address.</summary>
    public static int Take(IPAddress? address = null) => TakeRange(1, address);

    /// <summary>The first of some ports in a row.</summary>
    public static int TakeRange(int count, IPAddress? address = null)
    {
        lock (Gate)
        {
            for (var tries = 0; tries < End - First; tries++)
            {
                var first = _next + count <= End ? _next : First;
                _next = first + 1;
                if (Enumerable.Range(first, count).All(port => IsFree(address ?? IPAddress.Loopback, port)))
                {
                    _next = first + count;
                    return first;
                }
            }
        }
        throw new InvalidOperationException($"No {count} free ports in a row.");
    }

    /// <summary>Address of a server on a port of its own: <c>http://127.0.0.1:12345</c>.</summary>
    public static string TakeUrl() => $"http://127.0.0.1:{Take()}";

    private static bool IsFree(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
