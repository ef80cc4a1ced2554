using System.Diagnostics;

namespace VnaCloud.TestKit;

/// <summary>Runs the programs whose word is taken.</summary>
public static class Tool
{
    /// <summary>A python3 that has these modules, or null: Debian's packages are in /usr/bin/python3's path only.</summary>
    public static async Task<string?> PythonWithAsync(string modules)
    {
        foreach (var candidate in (string?[])[Environment.GetEnvironmentVariable("VNA_PYTHON"), "python3", "/usr/bin/python3"])
        {
            if (candidate is not null && (await RunAsync(candidate, ["-c", $"import {modules}"]))?.ExitCode == 0)
            {
                return candidate;
            }
        }
        return null;
    }

    /// <summary>Output and errors of a program; null when there is no such program.</summary>
    public static async Task<ToolResult?> RunAsync(string program, IReadOnlyList<string> arguments, string input = "")
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var feed = FeedAsync(process, input);
            using var output = new MemoryStream();
            await process.StandardOutput.BaseStream.CopyToAsync(output);
            await feed;
            await process.WaitForExitAsync();
            return new ToolResult(process.ExitCode, output.ToArray(), await errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static async Task FeedAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading what it was told: its exit code says why.
        }
    }
}

/// <summary>How a program ended.</summary>
public sealed record ToolResult(int ExitCode, byte[] Output, string Errors);
