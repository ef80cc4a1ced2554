using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.Server.Access;

/// <summary>A key of the configuration, which holds its hash only. Keys are 256 random bits, so that a plain hash cannot be guessed back.</summary>
internal sealed record ApiKey(string Name, Rights Rights, string Hash)
{
    private const int HashDigits = 64;

    /// <summary>Reads "NAME RIGHTS SHA256"; null for anything else.</summary>
    public static ApiKey? Parse(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var rights, { Length: HashDigits } hash] && hash.All(char.IsAsciiHexDigit) && RightNames.Parse(rights) is { } parsed
            ? new ApiKey(name, parsed, hash.ToLowerInvariant()) : null;

    /// <summary>What the configuration holds of a key.</summary>
    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public Visitor Visitor => new(Name, Name, Rights);
}
