using System.Runtime.CompilerServices;

namespace VnaCloud.EndToEnd.Tests.Upgrade;

/// <summary>The server of an earlier commit, built in a folder of its own.</summary>
internal sealed class EarlierServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnacloud-earlier-").FullName;

    /// <summary>Its assembly.</summary>
    public string Assembly => Path.Combine(_folder, "out", "vnacloud-server.dll");

    /// <summary>Skips the test where the commit is not in the history that was fetched.</summary>
    public static async Task<EarlierServer> BuildAsync(string commit)
    {
        var root = Root();
        Assert.SkipUnless(Command.Exists("git"), "git is not installed.");
        var known = await Command.RunAsync("git", "-C", root, "cat-file", "-e", $"{commit}^{{commit}}");
        Assert.SkipUnless(known.ExitCode == 0, $"The history has no commit {commit} (a shallow clone?): {known.Errors.Trim()}");
        var server = new EarlierServer();
        try
        {
            var tar = Path.Combine(server._folder, "source.tar");
            await Command.RequireAsync("git", "-C", root, "archive", "--output", tar, commit);
            await Command.RequireAsync("tar", "-xf", tar, "-C", server._folder, "--exclude=tests");
            // No compiler stays behind; what was checked when it was committed is not checked again.
            await Command.RequireAsync("dotnet", "publish", Path.Combine(server._folder, "src", "VnaCloud.Server"), "-c", "Release", "-o", Path.Combine(server._folder, "out"),
                "--nologo", "-v", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false");
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}
