using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace VnaCloud.Server.Hosting;

internal static class KestrelSetup
{
    // Two frame viewers' worth of parallel frames on one HTTP/2 connection (the framework's default is 100).
    private const int StreamsPerConnection = 256;

    // One upload over HTTP/2 must not wait for window updates on every 768 KiB of a fast link.
    private const int StreamWindow = 1024 * 1024;
    private const int ConnectionWindow = 4 * StreamWindow;

    // Eight blocks: the next are read while the first are sent.
    private const int ResponseBuffer = 8 * LargeBlockPool.BlockSize;

    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    /// <summary>HTTP/1.1, and HTTP/2 where TLS negotiates it, are Kestrel's default; said explicitly it would warn without TLS.</summary>
    public static void AddKestrelLimits(this WebApplicationBuilder builder, LimitOptions limits)
    {
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlockPoolFactory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A study has no natural size: bodies are bounded by parts, bytes per part and rate.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxResponseBufferSize = ResponseBuffer;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.RequestHeaderSeconds);
            kestrel.Limits.MinRequestBodyDataRate = Rate(limits.MinRequestBytesPerSecond);
            kestrel.Limits.MinResponseDataRate = Rate(limits.MinResponseBytesPerSecond);
            kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
            kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindow;
            kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(limits.DrainSeconds));
    }

    /// <summary>Loopback, unless --urls, ASPNETCORE_URLS or Kestrel:Endpoints say otherwise.</summary>
    public static void UseDefaultAddress(this WebApplicationBuilder builder)
    {
        if (ListenAddresses.Read(builder.Configuration).Count == 0)
        {
            builder.WebHost.UseUrls(ListenAddresses.Default);
        }
    }

    private static MinDataRate? Rate(int bytesPerSecond) => bytesPerSecond == 0 ? null : new MinDataRate(bytesPerSecond, RateGrace);
}
