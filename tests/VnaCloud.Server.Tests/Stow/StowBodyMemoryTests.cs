using VnaCloud.Server.Tests.Corpus;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>What a body that is only announced takes: measured in this process, so nothing else runs meanwhile.</summary>
[Collection(Alone.Name)]
public sealed class StowBodyMemoryTests
{
    [Fact]
    [Trait("attacks", "37")]
    public async Task ContentLength_OfFourGigabytesWithoutData_TimesOut()
    {
        await using var server = await WireServer.StartAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var answer = await StowBodyTests.RawAsync(server, $"POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nContent-Type: {WireServer.StowType}\r\nContent-Length: 4294967296\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 256 << 20);
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }
}
