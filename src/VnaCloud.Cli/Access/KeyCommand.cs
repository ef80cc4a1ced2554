using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.Cli.Access;

internal static class KeyCommand
{
    private const int KeyBytes = 32;

    private const string Description = """
        Makes a key for Vna:Auth:Mode=ApiKey. The key is printed once and kept nowhere; the server's configuration holds its hash.

        Examples:
          vna key gateway read,write
          vna key radiology read,write,share
        """;

    private static readonly string[] Known = ["read", "write", "delete", "share", "admin"];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("key", Description);
        var name = new Argument<string>("NAME") { Description = "Whose key it is: what the audit trail says." };
        var rights = new Argument<string>("RIGHTS") { Description = "Of read, write, delete, share, admin; separated by commas." };
        command.Add(name);
        command.Add(rights);
        command.SetAction((parsed, _) => Task.FromResult(Run(terminal, parsed.GetRequiredValue(name), parsed.GetRequiredValue(rights))));
        return command;
    }

    private static int Run(Terminal terminal, string name, string rights)
    {
        if (name.Length == 0 || name.Any(char.IsWhiteSpace) || rights.Split(',').Any(static right => !Known.Contains(right)))
        {
            terminal.Error($"NAME is one word, and RIGHTS are of {string.Join(", ", Known)}, separated by commas; see 'vna key --help'.");
            return VnaCommand.Usage;
        }
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        terminal.Line($"key      {key}");
        terminal.Line($"setting  Vna__Auth__Keys__0={name} {rights} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}");
        return VnaCommand.Ok;
    }
}
