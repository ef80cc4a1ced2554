namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>The index as SQLite's own checks see it.</summary>
internal static class SqliteFile
{
    private const string Script = """
        import sqlite3, sys
        db = sqlite3.connect(sys.argv[1])
        bad = [row[0] for row in db.execute("PRAGMA integrity_check")]
        bad += [str(row) for row in db.execute("PRAGMA foreign_key_check")]
        print("\n".join(bad))
        """;

    public static async Task CheckAsync(string path) =>
        Assert.Equal("ok", (await Command.RunAsync("python3", "-c", Script, path)).Output.Trim());
}
