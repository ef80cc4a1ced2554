namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>Where a dump of the database is for as long as a test needs it.</summary>
internal sealed class DumpFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vna-dump-");

    public string File => Path.Combine(_folder.FullName, "index.dump");

    public void Dispose() => _folder.Delete(recursive: true);
}
