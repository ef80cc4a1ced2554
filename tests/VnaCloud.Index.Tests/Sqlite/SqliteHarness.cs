using System.Globalization;
using Microsoft.Data.Sqlite;
using VnaCloud.Archive;
using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Sqlite;

internal sealed class SqliteHarness : IndexHarness
{
    private SqliteHarness(string folder) => Folder = folder;

    public string Folder { get; }

    public string Path => System.IO.Path.Combine(Folder, "index.db");

    public override IArchiveIndex Index => Sqlite;

    public SqliteArchiveIndex Sqlite { get; private set; } = null!;

    public static async Task<SqliteHarness> OpenAsync(Func<SqliteIndexOptions, SqliteIndexOptions>? change = null)
    {
        var harness = new SqliteHarness(Directory.CreateTempSubdirectory("vna-index-").FullName);
        await harness.ReopenAsync(change);
        return harness;
    }

    public async Task ReopenAsync(Func<SqliteIndexOptions, SqliteIndexOptions>? change = null)
    {
        if (Sqlite is not null)
        {
            await Sqlite.DisposeAsync();
        }
        var options = new SqliteIndexOptions { Path = Path, Time = Time };
        Sqlite = await SqliteArchiveIndex.OpenAsync(change?.Invoke(options) ?? options, default);
    }

    public override async Task<IReadOnlyList<string>> RowsAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader.GetValue(i)))));
        }
        return rows;
    }

    public override async Task RunAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await Sqlite.DisposeAsync();
        Directory.Delete(Folder, true);
    }

    private static string Text(object value) => value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
