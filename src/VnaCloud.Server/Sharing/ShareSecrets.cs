using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using VnaCloud.Archive;

namespace VnaCloud.Server.Sharing;

/// <summary>Tokens and passphrases of links, and what is kept of them.</summary>
internal static class ShareSecrets
{
    private const int TokenBytes = 32;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    // OWASP's count for PBKDF2 with SHA-512: a tenth of a second.
    private const int Rounds = 210_000;

    /// <summary>A token, 256 random bits in 43 characters.</summary>
    public static string NewToken() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>What is kept of a token. It is random, so that a plain hash cannot be guessed back.</summary>
    public static Digest HashOf(string token) => Digest.Read(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>What is kept of a passphrase.</summary>
    public static string Keep(string passphrase)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Rounds}.{Convert.ToHexStringLower(salt)}.{Convert.ToHexStringLower(Derive(passphrase, salt, Rounds))}");
    }

    /// <summary>Whether it is the passphrase of which this was kept.</summary>
    public static bool IsRight(string passphrase, string kept) =>
        kept.Split('.') is [var rounds, var salt, var hash]
        && CryptographicOperations.FixedTimeEquals(Derive(passphrase, Convert.FromHexString(salt), int.Parse(rounds, CultureInfo.InvariantCulture)), Convert.FromHexString(hash));

    private static byte[] Derive(string passphrase, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(passphrase.Normalize(NormalizationForm.FormKC), salt, rounds, HashAlgorithmName.SHA512, HashBytes);
}
