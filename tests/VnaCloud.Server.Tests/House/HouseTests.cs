using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace VnaCloud.Server.Tests.House;

/// <summary>The rules of the house that a reader of the tree relies on (CONTRIBUTING.md).</summary>
public sealed class HouseTests
{
    private const int LongestFile = 400;

    // Arrows point down only; the same table stands in CONTRIBUTING.md.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["VnaCloud.Dicom"] = [],
        ["VnaCloud.Dimse"] = ["VnaCloud.Dicom"],
        ["VnaCloud.DicomWeb"] = ["VnaCloud.Dicom"],
        ["VnaCloud.Imaging"] = ["VnaCloud.Dicom"],
        ["VnaCloud.Archive"] = ["VnaCloud.Dicom"],
        ["VnaCloud.Index"] = ["VnaCloud.Archive"],
        ["VnaCloud.Storage"] = ["VnaCloud.Archive"],
        ["VnaCloud.Server"] = ["VnaCloud.Archive", "VnaCloud.Index", "VnaCloud.Storage", "VnaCloud.Imaging"],
        ["VnaCloud.Gateway"] = ["VnaCloud.Dimse", "VnaCloud.DicomWeb", "VnaCloud.Imaging"],
        ["VnaCloud.Cli"] = ["VnaCloud.Archive", "VnaCloud.Index", "VnaCloud.Storage", "VnaCloud.DicomWeb", "VnaCloud.Dimse", "VnaCloud.Imaging"],
    };

    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "../../.."));

    [Fact]
    public void ProjectReferences_PointDownOnly()
    {
        var projects = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(Allowed.Keys.Order(), projects.Select(Path.GetFileNameWithoutExtension).Order());
        foreach (var project in projects)
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var references = XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
            Assert.All(references, reference => Assert.Contains(reference, Allowed[name]));
        }
    }

    [Fact]
    public void Strata_ReferenceNoPackage()
    {
        foreach (var name in new[] { "VnaCloud.Dicom", "VnaCloud.Dimse", "VnaCloud.DicomWeb", "VnaCloud.Archive" })
        {
            Assert.Empty(XDocument.Load(Path.Combine(Root, $"src/{name}/{name}.csproj")).Descendants("PackageReference"));
        }
    }

    [Fact]
    public void Ports_HaveSixMethodsAtMost()
    {
        Assert.InRange(typeof(Archive.IArchiveIndex).GetMethods().Length, 1, 6);
        Assert.InRange(typeof(Archive.IUpkeepIndex).GetMethods().Length, 1, 6);
        Assert.InRange(typeof(Archive.IObjectStore).GetMethods().Length, 1, 6);
    }

    [Fact]
    public void SourceFiles_StayShort()
    {
        var tooLong = Sources().Where(file => !file.EndsWith(".Generated.cs", StringComparison.Ordinal) && File.ReadLines(file).Count() > LongestFile);
        Assert.Empty(tooLong.Select(file => Path.GetRelativePath(Root, file)));
    }

    [Fact]
    public void Folders_SayWhatIsInside()
    {
        string[] hiding = ["Common", "Shared", "Utils", "Utilities", "Helpers", "Misc", "Abstractions", "Contracts"];
        var folders = Sources().SelectMany(file => Path.GetRelativePath(Root, file).Split('/')).Distinct();
        Assert.DoesNotContain(folders, folder => hiding.Contains(folder, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Slices_DoNotUseEachOther()
    {
        string[] slices = ["Stow", "Qido", "Wado", "Delete", "Changes", "Commitment", "Maintenance", "SignIn", "Sharing", "Audit", "Viewer", "Statistics"];
        foreach (var slice in slices)
        {
            var files = Directory.GetFiles(Path.Combine(Root, "src/VnaCloud.Server", slice), "*.cs", SearchOption.AllDirectories);
            Assert.NotEmpty(files);
            foreach (var other in slices.Where(other => other != slice))
            {
                Assert.DoesNotContain(files, file => File.ReadAllText(file).Contains($"VnaCloud.Server.{other}", StringComparison.Ordinal));
            }
        }
    }

    private static IEnumerable<string> Sources() =>
        new[] { "src", "tests", "fuzz" }.Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/node_modules/", StringComparison.Ordinal));

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
