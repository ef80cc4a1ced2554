using System.Security.Cryptography;

namespace VnaCloud.Index.Migrations;

/// <summary>What this version knows of schemas.</summary>
internal static class Schema
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>All migrations, oldest first. An index with any other is newer than this program.</summary>
    public static readonly IReadOnlyList<string> Migrations = [M0001Initial.Id, M0002Upkeep.Id, M0003Access.Id];

    /// <summary>26 random characters: 130 bits that say nothing.</summary>
    public static string NewKey() => RandomNumberGenerator.GetString(Base32, 26);
}
