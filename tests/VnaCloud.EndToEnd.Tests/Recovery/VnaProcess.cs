using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>The command line as a process of its own, told of the archive by the environment as a server is.</summary>
internal sealed class VnaProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private VnaProcess(Process process)
    {
        _process = process;
        (_output, _errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <param name="settings">A server's arguments; they become environment variables.</param>
    /// <param name="arguments">Of the command line.</param>
    public static VnaProcess Start(IEnumerable<string> settings, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var setting in settings)
        {
            var (name, value) = setting[2..].Split('=', 2) is [var left, var right] ? (left, right) : throw new ArgumentException(setting);
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        return new VnaProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end and wants success; gives what it said.</summary>
    public static async Task<string> OkAsync(IEnumerable<string> settings, params IReadOnlyList<string> arguments)
    {
        using var vna = Start(settings, arguments);
        var (code, said) = await vna.EndAsync();
        Assert.True(code == 0, $"vna {string.Join(' ', arguments)} ended with {code}: {said}");
        return said;
    }

    /// <summary>Its exit code and all that it said.</summary>
    public async Task<(int Code, string Said)> EndAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _output + await _errors);
    }

    /// <summary>SIGKILL; gives what it had said.</summary>
    public async Task<string> Kill9Async()
    {
        _process.Kill();
        return (await EndAsync()).Said;
    }

    public void Dispose() => _process.Dispose();

    private static string Assembly { get; } =
        Path.Combine(Path.GetDirectoryName(ServerProcess.ServerPath)!, "..", "..", "VnaCloud.Cli", Path.GetFileName(Path.GetDirectoryName(ServerProcess.ServerPath)!), "vna.dll");
}
