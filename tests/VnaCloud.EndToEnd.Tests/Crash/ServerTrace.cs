using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>strace attached to a running server: records its system calls, or makes some of them fail.</summary>
internal sealed partial class ServerTrace : IAsyncDisposable
{
    private const string Traced = "trace=fsync,fdatasync,linkat,link,rename,renameat2,mkdirat,mkdir,pwrite64,pwritev,write,writev,sendmsg,sendto";

    // Long enough for a page of SQLite's log or a STOW answer, so that UIDs in them can be found.
    private const string StringLength = "9000";

    private readonly Process _strace;
    private readonly string _file;

    private ServerTrace(Process strace, string file) => (_strace, _file) = (strace, file);

    /// <summary>Skips the test where processes cannot be traced.</summary>
    public static void Require()
    {
        Assert.SkipUnless(Command.Exists("strace"), "strace is not installed.");
        const string policy = "/proc/sys/kernel/yama/ptrace_scope";
        Assert.SkipWhen(!Environment.IsPrivilegedProcess && File.Exists(policy) && File.ReadAllText(policy).Trim() != "0", "Only root may trace running processes here.");
    }

    /// <summary>Records until it is stopped.</summary>
    public static Task<ServerTrace> RecordAsync(ServerProcess server) => AttachAsync(server, "-y", "-s", StringLength, "-e", Traced);

    /// <summary>Makes a call fail, on one file only when <paramref name="path"/> is given; <paramref name="when"/> counts each thread's calls.</summary>
    public static Task<ServerTrace> InjectAsync(ServerProcess server, string call, string error, string? path = null, string when = "1+") =>
        AttachAsync(server, ["-y", "-e", $"trace={call}", "-e", $"inject={call}:error={error}:when={when}", .. path is null ? Array.Empty<string>() : ["-P", path]]);

    /// <summary>Kills the server (SIGKILL) as a thread of it enters such a call for the n-th time; the call is not carried out.</summary>
    public static Task<ServerTrace> KillAtAsync(ServerProcess server, string call, int when, string? path = null) =>
        AttachAsync(server, ["-y", "-e", $"trace={call}", "-e", string.Create(CultureInfo.InvariantCulture, $"inject={call}:signal=SIGKILL:when={when}"),
            .. path is null ? Array.Empty<string>() : ["-P", path]]);

    /// <summary>Detaches; the calls in the order in which they began.</summary>
    public async Task<IReadOnlyList<TracedCall>> StopAsync()
    {
        if (!_strace.HasExited)
        {
            await Command.RunAsync("kill", "-INT", _strace.Id.ToString(CultureInfo.InvariantCulture));
            await _strace.WaitForExitAsync();
        }
        return TracedCall.Parse(await File.ReadAllLinesAsync(_file));
    }

    /// <summary>The call at which the server was killed and, roughly, what it was made on.</summary>
    public async Task<string> FatalCallAsync()
    {
        // A call without a result is the one that was not carried out; its arguments may stand in an earlier line of the thread.
        var last = new Dictionary<string, Match>();
        foreach (var line in await File.ReadAllLinesAsync(_file))
        {
            var thread = line[..Math.Max(0, line.IndexOf(' ', StringComparison.Ordinal))];
            if (TracedBeginning().Match(line) is { Success: true } call)
            {
                last[thread] = call;
            }
            if (line.EndsWith("= ?", StringComparison.Ordinal) && last.TryGetValue(thread, out var fatal))
            {
                return $"{fatal.Groups[1].Value} of {Target(fatal.Groups[2].Value)}";
            }
        }
        return "elsewhere";
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _strace.Dispose();
        File.Delete(_file);
    }

    private static async Task<ServerTrace> AttachAsync(ServerProcess server, params IReadOnlyList<string> options)
    {
        var file = Path.GetTempFileName();
        var start = new ProcessStartInfo("strace") { RedirectStandardError = true };
        foreach (var argument in (string[])["-f", "-o", file, .. options, "-p", server.Pid.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }
        var strace = Process.Start(start)!;
        strace.ErrorDataReceived += static (_, _) => { };
        strace.BeginErrorReadLine();
        var trace = new ServerTrace(strace, file);
        for (var patience = 0; !IsTraced(server.Pid); patience++)
        {
            Assert.True(patience < 200 && !strace.HasExited, "strace did not attach to the server.");
            await Task.Delay(50);
        }
        return trace;
    }

    private static string Target(string path) => path.Contains("/#", StringComparison.Ordinal) ? "object"
        : path.StartsWith("socket", StringComparison.Ordinal) ? "connection"
        : Path.GetFileName(path).StartsWith("index", StringComparison.Ordinal) ? Path.GetFileName(path) : "directory";

    [GeneratedRegex(@"^\d+ +(\w+)\((?:\d+|AT_FDCWD)<([^>]*)>")]
    private static partial Regex TracedBeginning();

    private static bool IsTraced(int pid) => Directory.GetDirectories($"/proc/{pid}/task").All(task =>
    {
        try
        {
            return !File.ReadAllLines(Path.Combine(task, "status")).Contains("TracerPid:\t0");
        }
        catch (IOException)
        {
            return true; // the thread ended meanwhile
        }
    });
}
