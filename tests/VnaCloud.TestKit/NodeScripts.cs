using System.Collections.Concurrent;
using System.Diagnostics;

namespace VnaCloud.TestKit;

/// <summary>Scripts for Node, with their npm packages, in a folder beside a package-lock.json.</summary>
public static class NodeScripts
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string?>>> Installed = new();

    /// <summary>Installs what the lock file names, unless it is there: once for a folder, whoever asks first.</summary>
    /// <param name="folder">Of the scripts.</param>
    /// <param name="package">The package that they are about, for the message.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>Why they cannot run, for a test to skip with; null when they can.</returns>
    public static Task<string?> InstallAsync(string folder, string package, CancellationToken cancellation) =>
        Installed.GetOrAdd(Path.GetFullPath(folder), _ => new Lazy<Task<string?>>(() => InstallAsync(folder, package))).Value.WaitAsync(cancellation);

    private static async Task<string?> InstallAsync(string folder, string package)
    {
        if (!IsOnPath("node") || !IsOnPath("npm"))
        {
            return "Node and npm are not on this machine.";
        }
        // npm's own last step: the folders of packages are there long before what is in them.
        if (File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            return null;
        }
        var (exitCode, _, errors) = await RunAsync("npm", folder, CancellationToken.None, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
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
