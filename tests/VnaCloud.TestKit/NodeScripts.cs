using System.Diagnostics;

namespace VnaCloud.TestKit;

/// <summary>Scripts for Node, with their npm packages, in a folder beside a package-lock.json.</summary>
public static class NodeScripts
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Installs what the lock file names, unless it is there.</summary>
    /// <param name="folder">Of the scripts.</param>
    /// <param name="package">The package that they are about.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Why they cannot run, for a test to skip with; null when they can.</returns>
    public static async Task<string?> InstallAsync(string folder, string package, CancellationToken cancellation)
    {
        if (!IsOnPath("node") || !IsOnPath("npm"))
        {
            return "Node and npm are not on this machine.";
        }
        if (Directory.Exists(Path.Combine(folder, "node_modules", package)))
        {
            return null;
        }
        var (exitCode, _, errors) = await RunAsync("npm", folder, cancellation, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        return exitCode == 0 ? null : $"npm could not install {package}: {errors}";
    }

    /// <summary>Runs node, or npm, in the folder; three minutes at most.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, string folder, CancellationToken cancellation, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
