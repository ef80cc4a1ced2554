using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.Archive.Tests;

public class InstanceHashTests
{
    private const string Explicit = "1.2.840.10008.1.2.1";
    private static readonly byte[] Head = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
    private static readonly byte[] Content = [.. Enumerable.Range(0, 5_000).Select(i => (byte)(7 * i))];

    [Fact]
    public void Digests_AreWhatThePackFormatSays()
    {
        var content = SHA256.HashData([.. Encoding.ASCII.GetBytes(Explicit), .. Content]);
        var file = SHA256.HashData([.. SHA256.HashData(Head), .. content]);

        Assert.Equal((Digest.Read(file), Digest.Read(content)), Of(Head, Explicit, Content));
    }

    [Fact]
    public void Digests_OfAnotherHead_ChangeTheFilesOnly()
    {
        var (file, content) = Of(Head, Explicit, Content);
        var other = Of([.. Head, 1], Explicit, Content);

        Assert.NotEqual(file, other.File);
        Assert.Equal(content, other.Content);
    }

    [Fact]
    public void Digests_WhenAByteMovesOverTheBorder_AreBothOthers()
    {
        var (file, content) = Of(Head, Explicit, Content);
        var moved = Of([.. Head, Content[0]], Explicit, Content[1..]);

        Assert.NotEqual(file, moved.File);
        Assert.NotEqual(content, moved.Content);
    }

    [Fact]
    public void Digests_OfAnotherTransferSyntax_AreBothOthers()
    {
        var (file, content) = Of(Head, Explicit, Content);
        var other = Of(Head, "1.2.840.10008.1.2", Content);

        Assert.NotEqual(file, other.File);
        Assert.NotEqual(content, other.Content);
    }

    [Fact]
    public void Finish_WithoutContent_TakesAllForHead()
    {
        using var hash = new InstanceHash();
        hash.Append(Head);
        var empty = SHA256.HashData([]);

        Assert.Equal((Digest.Read(SHA256.HashData([.. SHA256.HashData(Head), .. empty])), Digest.Read(empty)), hash.Finish());
    }

    private static (Digest File, Digest Content) Of(byte[] head, string transferSyntaxUid, byte[] content)
    {
        using var hash = new InstanceHash();
        hash.Append(head);
        hash.BeginContent(transferSyntaxUid);
        hash.Append(content.AsSpan(0, 1_000));
        hash.Append(content.AsSpan(1_000));
        return hash.Finish();
    }
}
