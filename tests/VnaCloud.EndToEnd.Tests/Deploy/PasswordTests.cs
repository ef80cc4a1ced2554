using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>Chart and Compose file keep the database's password out of the connection string: in PGPASSWORD, and in a file that PGPASSFILE names.</summary>
public sealed class PasswordTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vnacloud-password-");

    [Fact]
    public async Task Migration_WithThePasswordInTheEnvironmentOrAFile_IsLetIn()
    {
        TestLength.SkipInFast("starts a database.");
        await using var postgres = await PostgresServer.StartAsync(replicas: 0, durable: false);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var rules = Path.Combine(postgres.Folder, "primary", "pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"host all vna 127.0.0.1/32 scram-sha-256\n{await File.ReadAllTextAsync(rules, TestContext.Current.CancellationToken)}", TestContext.Current.CancellationToken);
        await using (var source = Npgsql.NpgsqlDataSource.Create(postgres.ConnectionString))
        {
            foreach (var statement in new[] { "CREATE ROLE vna LOGIN PASSWORD 'right'", "CREATE DATABASE vna OWNER vna", "SELECT pg_reload_conf()" })
            {
                await using var command = source.CreateCommand(statement);
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
        }
        var file = Path.Combine(_folder.FullName, "pgpass");
        await File.WriteAllTextAsync(file, "*:*:vna:vna:right\n", TestContext.Current.CancellationToken);

        Assert.Equal(1, await MigrateAsync(postgres.Port, "PGPASSWORD", "wrong"));
        Assert.Equal(0, await MigrateAsync(postgres.Port, "PGPASSWORD", "right"));
        Assert.Equal(0, await MigrateAsync(postgres.Port, "PGPASSFILE", file));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<int> MigrateAsync(int port, string name, string value)
    {
        var vna = Path.Combine(Path.GetDirectoryName(ServerProcess.ServerPath)!.Replace("VnaCloud.Server", "VnaCloud.Cli", StringComparison.Ordinal), "vna.dll");
        var start = new ProcessStartInfo("dotnet", [vna, "migrate-schema"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Vna__Index__Provider"] = "Postgres";
        start.Environment["Vna__Index__ConnectionString"] = $"Host=127.0.0.1;Port={port};Database=vna;Username=vna";
        start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
