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

    /// <summary>The only value of a query; the database is opened beside whoever has it open.</summary>
    public static async Task<long> NumberAsync(string path, string query) =>
        long.Parse(await Command.RequireAsync("python3", "-c", Query, path, query), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs a statement; nobody has the database open.</summary>
    public static Task ExecuteAsync(string path, string statement) => Command.RequireAsync("python3", "-c", Statement, path, statement);

    private const string Query = """
        import sqlite3, sys
        print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])
        """;

    private const string Statement = """
        import sqlite3, sys
        db = sqlite3.connect(sys.argv[1])
        db.execute(sys.argv[2])
        db.commit()
        """;
}
