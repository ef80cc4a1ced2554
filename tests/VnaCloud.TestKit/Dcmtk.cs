using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VnaCloud.TestKit;

/// <summary>DCMTK's command line programs as peers.</summary>
public static class Dcmtk
{
    /// <summary>Its programs wait for acknowledgements of small packets otherwise.</summary>
    static Dcmtk() => Environment.SetEnvironmentVariable("TCP_NODELAY", "1");

    public const string Missing = "DCMTK is not installed";

    public static bool Exists { get; } = File.Exists("/usr/bin/storescu");

    /// <summary>Runs a program to its end; its output and errors together.</summary>
    public static async Task<(int ExitCode, string Text)> RunAsync(string program, params string[] arguments)
    {
        var result = await Tool.RunAsync(program, arguments) ?? throw new InvalidOperationException(Missing);
        return (result.ExitCode, System.Text.Encoding.UTF8.GetString(result.Output) + result.Errors);
    }

    /// <summary>Starts a server of DCMTK's and waits until it takes connections.</summary>
    public static async Task<Server> StartAsync(string program, Func<int, string[]> arguments, string folder)
    {
        var port = FreePorts.Take();
        var process = Process.Start(new ProcessStartInfo(program, arguments(port))
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TCP_NODELAY"] = "1" },
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var tries = 0; !Takes(port); tries++)
        {
            if (tries > 600 || process.HasExited)
            {
                throw new InvalidOperationException($"{program} does not listen on port {port}.");
            }
            await Task.Delay(50);
        }
        return new Server(process, port);
    }

    private static bool Takes(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public sealed class Server(Process process, int port) : IDisposable
    {
        public int Port => port;

        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }
}

/// <summary>A folder that goes with the test.</summary>
public sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vna-test-").FullName;

    public string File(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(Path, name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
