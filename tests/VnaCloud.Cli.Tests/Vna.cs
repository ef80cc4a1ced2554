using System.Diagnostics;
using System.Net.Sockets;
using VnaCloud.Cli;

namespace VnaCloud.Cli.Tests;

/// <summary>Runs `vna` in this process, and the server beside it as one of its own.</summary>
internal static class Vna
{
    /// <summary>The program, for tests that need a process with an environment of its own.</summary>
    public static string Assembly { get; } = Built("VnaCloud.Cli", "vna.dll");

    /// <summary>A file of another project's build of the same configuration.</summary>
    public static string Built(string project, string file) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), file));

    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await VnaCommand.RunAsync(args, new Terminal(output, errors, interactive: false));
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>Runs it and wants success.</summary>
    public static async Task<string> OkAsync(params string[] args)
    {
        var (code, output, errors) = await RunAsync(args);
        Assert.True(code == 0, $"vna {string.Join(' ', args)}: {code}\n{output}\n{errors}");
        return output;
    }
}

/// <summary>The real server, as a process, on a data folder.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<ServerProcess> StartAsync(string data)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Vna.Built("VnaCloud.Server", "vnacloud-server.dll"), "--urls", "http://127.0.0.1:0", $"--Vna:Storage:Path={data}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        var file = Path.Combine(data, "server.json");
        for (var i = 0; i < 600 && !process.HasExited; i++)
        {
            if (File.Exists(file) && VnaCloud.Cli.Import.ServerAddress.Read(new DataFolder(data)) is { } address)
            {
                return new ServerProcess(process, address);
            }
            await Task.Delay(100);
        }
        process.Kill();
        throw new InvalidOperationException("The server did not start.");
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }
        _process.Dispose();
    }
}
