using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace VnaCloud.Gateway.Hosting;

/// <summary>Runs the gateway until SIGTERM or Ctrl+C. What keeps it from starting is said in sentences, with exit code 1.</summary>
internal static class GatewayProcess
{
    public static async Task<int> RunAsync(Func<WebApplication> build, TextWriter errors)
    {
        try
        {
            await using var app = build();
            await app.StartAsync();
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception exception) when (Reasons(exception) is { } reasons)
        {
            foreach (var reason in reasons)
            {
                await errors.WriteLineAsync(reason);
            }
            return 1;
        }
    }

    // Any other exception is a fault of ours and keeps its stack trace.
    private static IReadOnlyList<string>? Reasons(Exception exception) => exception switch
    {
        StartRefusedException refused => refused.Reasons,
        IOException { InnerException: AddressInUseException } inUse => [$"{inUse.Message} Stop the other program, or set Gateway:Http:Urls to another port."],
        SocketException { SocketErrorCode: SocketError.AccessDenied } => ["The system does not let this user listen on that port; choose one above 1023."],
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => ["This machine does not have the address to listen on; correct Gateway:Http:Urls."],
        _ => null,
    };
}
