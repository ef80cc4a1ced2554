using System.Net.Sockets;

namespace VnaCloud.TestKit;

/// <summary>What a client sees of a server that died.</summary>
public static class Connection
{
    /// <summary>True for all that a request fails with whose server is gone. HttpClient lets a bare SocketException out where that happens between connecting and sending.</summary>
    public static bool WasLost(Exception failure) => failure is HttpRequestException or IOException or SocketException;
}
