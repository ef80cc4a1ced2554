using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>The command line beside the server's assembly.</summary>
internal static class VnaCommand
{
    /// <summary>"vna verify" re-hashes everything and finds nothing amiss.</summary>
    public static async Task RequireCleanAsync(string folder) => await Command.RequireAsync("dotnet", Assembly, "verify", "--data", folder);

    public static string Assembly { get; } =
        Path.Combine(Path.GetDirectoryName(ServerProcess.ServerPath)!, "..", "..", "VnaCloud.Cli", Path.GetFileName(Path.GetDirectoryName(ServerProcess.ServerPath)!), "vna.dll");
}
