using System.ComponentModel;
using System.Diagnostics;

namespace VnaCloud.Cli.Doctor;

/// <summary>Whether the codec worker is there and finds its libraries.</summary>
internal static class CodecCheck
{
    private const string Area = "codecs";
    private const string Advice = "Build it with eng/codecs.sh (or ./run.sh --with-codecs), or name it: Vna:Codecs:Program. Without it JPEG-LS, JPEG 2000 and HTJ2K are not decoded, and no JPEG pictures made.";

    /// <summary>What the worker says without arguments.</summary>
    private const int UsageCode = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Diagnosis diagnosis, string? program, CancellationToken cancellation)
    {
        program ??= Environment.GetEnvironmentVariable("Vna__Codecs__Program") ?? Path.Combine(AppContext.BaseDirectory, "vna-codec");
        if (!File.Exists(program))
        {
            diagnosis.Warning(Area, $"There is no codec worker at {program}.", Advice);
            return;
        }
        try
        {
            using var worker = Process.Start(new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            var said = worker.StandardError.ReadToEndAsync(limit.Token);
            await worker.WaitForExitAsync(limit.Token);
            diagnosis.Judge(worker.ExitCode == UsageCode, Area, $"The worker {program} starts", $"The worker {program} does not start: {(await said).Trim()}", Advice, Severity.Error);
        }
        catch (Exception failure) when (failure is Win32Exception or IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            diagnosis.Error(Area, $"The worker {program} cannot be run: {failure.Message}", Advice);
        }
    }
}
