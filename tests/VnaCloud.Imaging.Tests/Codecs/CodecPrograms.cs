using System.Runtime.CompilerServices;

namespace VnaCloud.Imaging.Tests.Codecs;

/// <summary>The worker that test.sh builds.</summary>
internal static class CodecPrograms
{
    public const string Missing = "artifacts/codecs/vna-codec is not built: ./run.sh --with-codecs, or test.sh, installs the libraries and builds it.";

    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(Here(), "../../../artifacts/codecs/vna-codec"));

    public static CodecPool Open(Func<CodecOptions, CodecOptions>? change = null)
    {
        Assert.SkipUnless(File.Exists(Path), Missing);
        var options = new CodecOptions { Program = Path, Workers = 2 };
        return new CodecPool(change?.Invoke(options) ?? options, TimeProvider.System);
    }

    private static string Here([CallerFilePath] string path = "") => System.IO.Path.GetDirectoryName(path)!;
}
