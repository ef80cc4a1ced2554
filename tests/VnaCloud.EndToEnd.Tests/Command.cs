using System.Diagnostics;

namespace VnaCloud.EndToEnd.Tests;

/// <summary>What a program said.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors);

/// <summary>Runs other programs to their end.</summary>
internal static class Command
{
    public static async Task<CommandResult> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CommandResult(process.ExitCode, output, await errors);
    }

    /// <summary>Runs it and expects success; gives its output.</summary>
    public static async Task<string> RequireAsync(string program, params IReadOnlyList<string> arguments)
    {
        var result = await RunAsync(program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Errors}{result.Output}");
        return result.Output;
    }

    /// <summary>Whether the machine has a program of this name.</summary>
    public static bool Exists(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
