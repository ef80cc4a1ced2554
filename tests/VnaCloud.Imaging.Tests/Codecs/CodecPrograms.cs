using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Codecs;

/// <summary>The worker that test.sh builds.</summary>
internal static class CodecPrograms
{
    public static CodecPool Open(Func<CodecOptions, CodecOptions>? change = null)
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        var options = new CodecOptions { Program = NativeCodecs.Program, Workers = 2 };
        return new CodecPool(change?.Invoke(options) ?? options, TimeProvider.System);
    }
}
