using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>A process that receives and says what it acknowledged, until it is killed.</summary>
internal static class ReceivingChild
{
    public const string Argument = "--receive-into";

    /// <summary>The object of a number, the same in both processes.</summary>
    public static Arrival Object(int number) => Arrival.Ct($"1.2.{number % 5}", $"1.2.9.{number}", number, rows: (ushort)(64 + (number % 7 * 60)));

    public static async Task<int> RunAsync(string path, int associations)
    {
        using var spool = new ObjectSpool(
            new SpoolOptions { Path = path, MinFreeBytes = 0, LowFreeBytes = 0 },
            _ => new ForwardRoute(ArchiveOptions.Main, Lane.Normal),
            new Dictionary<string, BatchLimits> { [ArchiveOptions.Main] = new(10, 32_000_000) },
            TimeProvider.System,
            NullLogger<ObjectSpool>.Instance);
        var next = int.Parse(await Console.In.ReadLineAsync() ?? "0", CultureInfo.InvariantCulture);
        await using var output = Console.OpenStandardOutput();
        using var gate = new SemaphoreSlim(1);
        await Task.WhenAll(Enumerable.Range(0, associations).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var number = Interlocked.Increment(ref next);
                var outcome = await Object(number).IntoAsync(spool);
                if (outcome.State != ReceiveState.Stored)
                {
                    throw new InvalidOperationException(outcome.Comment);
                }
                await gate.WaitAsync();
                await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{number} {outcome.Receipt}\n"));
                await output.FlushAsync();
                gate.Release();
            }
        })));
        return 0;
    }
}
