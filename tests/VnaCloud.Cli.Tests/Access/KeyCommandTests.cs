using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.Cli.Tests.Access;

public class KeyCommandTests
{
    [Fact]
    public async Task Key_IsPrintedWithTheSettingThatHoldsItsHash()
    {
        var lines = (await Vna.OkAsync("key", "gateway", "read,write")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var key = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].Trim();

        Assert.Equal(43, key.Length);
        Assert.Equal($"Vna__Auth__Keys__0=gateway read,write {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}", lines[1]["setting".Length..].Trim());
        Assert.DoesNotContain(key, await Vna.OkAsync("key", "gateway", "read,write"), StringComparison.Ordinal);
    }
}
