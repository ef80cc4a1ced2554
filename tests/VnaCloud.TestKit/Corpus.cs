namespace VnaCloud.TestKit;

/// <summary>
/// The folder of real and malformed DICOM files that VNA_CORPUS names (default ../shared/corpus beside the checkout). Its files'
/// licences differ, so none of them is in this repository: tests that need it skip with <see cref="Missing"/>.
/// </summary>
public static class Corpus
{
    private static readonly Lazy<IReadOnlyList<CorpusFile>> ValidFiles = new(() => Read("valid"));
    private static readonly Lazy<IReadOnlyList<CorpusFile>> MalformedFiles = new(() => Read("malformed"));

    /// <summary>The checkout: the folder of VnaCloud.sln.</summary>
    public static string Repository { get; } = FindRepository();

    public static string Root { get; } =
        Environment.GetEnvironmentVariable("VNA_CORPUS") ?? Path.GetFullPath(Path.Combine(Repository, "..", "shared", "corpus"));

    public static bool Exists => File.Exists(Path.Combine(Root, "valid", "MANIFEST.tsv"));

    /// <summary>The reason to give when a test skips.</summary>
    public static string Missing => $"no corpus at {Root}: set VNA_CORPUS";

    /// <summary>The inner loop: tests over the corpus take a sample, and say so.</summary>
    public static bool IsFast => Environment.GetEnvironmentVariable("VNA_FAST") == "1";

    /// <summary>Rows of valid/MANIFEST.tsv; some of them are broken all the same, as their validity says.</summary>
    public static IReadOnlyList<CorpusFile> Valid => ValidFiles.Value;

    /// <summary>Rows of malformed/MANIFEST.tsv.</summary>
    public static IReadOnlyList<CorpusFile> Malformed => MalformedFiles.Value;

    /// <summary>The files of which pydicom and DCMTK have nothing to say.</summary>
    public static IReadOnlyList<CorpusFile> Ok => [.. Valid.Where(file => file.Validity == "ok")];

    /// <summary>Those that an archive can store: with Study and SOP Instance UID.</summary>
    public static IReadOnlyList<CorpusFile> Storable => [.. Ok.Where(file => file["study_uid"].Length > 0 && file["sop_instance_uid"].Length > 0)];

    /// <summary>Every n-th file in the fast mode, and where the run before it on one server had them all; all of them otherwise.</summary>
    public static IReadOnlyList<CorpusFile> Sample(IReadOnlyList<CorpusFile> files, int every) =>
        IsFast || (Stack.IsBalanced && !TestLength.IsLong) ? [.. files.Where((_, index) => index % every == 0)] : files;

    private static List<CorpusFile> Read(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(Root, folder, "MANIFEST.tsv"));
        var names = lines[0].Split('\t');
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(line => Row(folder, names, line.Split('\t')))];
    }

    private static CorpusFile Row(string folder, string[] names, string[] cells)
    {
        var columns = names.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        return new CorpusFile(columns["file"], Path.Combine(Root, folder, columns["file"]), columns);
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VnaCloud.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}

/// <summary>A row of a manifest.</summary>
/// <param name="Name">File name.</param>
/// <param name="Path">Where the file is.</param>
/// <param name="Columns">Every column of the manifest by its name.</param>
public sealed record CorpusFile(string Name, string Path, IReadOnlyDictionary<string, string> Columns)
{
    public string Sha256 => this["sha256"];

    /// <summary>Of valid files: ok, parses-with-warnings or broken.</summary>
    public string Validity => this["validity"];

    public string TransferSyntaxUid => this["transfer_syntax_uid"];

    /// <summary>Of malformed files: what is wrong with them.</summary>
    public string What => this["what"];

    public long Length => long.Parse(this["bytes"], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A column's value; "" where the row has none.</summary>
    public string this[string column] => Columns.TryGetValue(column, out var value) ? value : "";

    public byte[] ReadBytes() => File.ReadAllBytes(Path);

    public override string ToString() => Name;
}
