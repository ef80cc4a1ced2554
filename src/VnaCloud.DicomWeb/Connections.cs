using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VnaCloud.DicomWeb;

/// <summary>Makes connections as <see cref="DicomWebOptions"/> say.</summary>
internal static class Connections
{
    private const int TcpLevel = 6;
    private const int CongestionName = 13; // TCP_CONGESTION of Linux

    public static SocketsHttpHandler Create(DicomWebOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SocketsHttpHandler
        {
            MaxConnectionsPerServer = options.MaxConnections,
            ConnectTimeout = options.ConnectTimeout,
            // A redirect would carry a study to somebody that nobody named.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            // A service that moved is found again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, options.CongestionControl, cancellation),
        };
    }

    /// <summary>Whether the kernel lets a connection have this congestion control.</summary>
    public static bool TrySetCongestion(Socket socket, string name)
    {
        try
        {
            socket.SetRawSocketOption(TcpLevel, CongestionName, Encoding.ASCII.GetBytes(name));
            return true;
        }
        catch (Exception refused) when (refused is SocketException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint service, string? congestion, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (congestion is not null && OperatingSystem.IsLinux())
            {
                TrySetCongestion(socket, congestion);
            }
            await socket.ConnectAsync(service, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
