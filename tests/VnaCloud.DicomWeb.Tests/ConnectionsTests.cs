using System.Net.Sockets;
using System.Text;

namespace VnaCloud.DicomWeb.Tests;

/// <summary>What a connection asks of the kernel.</summary>
public sealed class ConnectionsTests
{
    private const int TcpLevel = 6, CongestionName = 13;

    [Fact]
    public void Congestion_ThatTheKernelOffers_IsSet_AndAnotherIsPassedOver()
    {
        const string Offered = "/proc/sys/net/ipv4/tcp_available_congestion_control";
        Assert.SkipUnless(File.Exists(Offered), "This is not Linux.");
        foreach (var name in File.ReadAllText(Offered).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            Assert.True(Connections.TrySetCongestion(socket, name), name);
            var set = new byte[16];
            socket.GetRawSocketOption(TcpLevel, CongestionName, set);
            Assert.Equal(name, Encoding.ASCII.GetString(set).TrimEnd('\0'));
        }
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.False(Connections.TrySetCongestion(other, "nonesuch"));
    }
}
