using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>An instance of a storm: its bytes are made again whenever they are needed, from its UIDs and a variant.</summary>
internal sealed record StormInstance(string Study, string Series, string Sop, ushort Side)
{
    /// <summary>Variants 0 to 2 share the UIDs and differ in the pixels: they conflict.</summary>
    public const int Variants = 3;

    private readonly string?[] _hashes = new string?[Variants];

    /// <summary>Nobody but its owner stores into its study, and may so delete it whole.</summary>
    public bool InPrivateStudy { get; init; }

    public string Path => $"studies/{Study}/series/{Series}/instances/{Sop}";

    public byte[] File(int variant) => Instances.File(new InstanceSpec(Study, Series, Sop) { Rows = Side, Columns = Side, Seed = variant });

    /// <summary>SHA-256 of <see cref="File"/>, computed once.</summary>
    public string Hash(int variant) => _hashes[variant] ??= Convert.ToHexString(SHA256.HashData(File(variant)));
}
