namespace VnaCloud.TestKit;

/// <summary>The codec worker that test.sh builds: native code, of libraries that may not be installed.</summary>
public static class NativeCodecs
{
    /// <summary>The reason to give when a test skips.</summary>
    public const string Missing = "artifacts/codecs/vna-codec is not built: ./run.sh --with-codecs, or test.sh, installs the libraries and builds it.";

    public static string Program { get; } = Path.Combine(Corpus.Repository, "artifacts", "codecs", "vna-codec");

    public static bool Exists => File.Exists(Program);
}
