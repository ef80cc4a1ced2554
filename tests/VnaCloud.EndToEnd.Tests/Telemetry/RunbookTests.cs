using System.Text.RegularExpressions;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>The commands of docs/runbooks.md can be pasted at night.</summary>
[Collection("telemetry")]
public sealed partial class RunbookTests(TelemetryStack stack)
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Corpus.Repository, "docs/runbooks.md"));

    [Fact]
    public async Task Statements_AskTheDatabase_WhatItHas()
    {
        await stack.RequireAsync();
        Assert.SkipUnless(stack.HasDatabaseServer, PostgresServer.Missing);
        // pg_stat_statements is an extension that an administrator installs.
        var statements = Statement().Matches(Text).Select(match => match.Groups["sql"].Value).Where(sql => !sql.Contains("pg_stat_statements", StringComparison.Ordinal)).Distinct().ToList();
        Assert.True(statements.Count >= 10, $"{statements.Count} statements");
        foreach (var sql in statements)
        {
            await PostgresServer.AskAsync(stack.Database!, sql);
        }
    }

    [Fact]
    public async Task Commands_AreThoseOfVna()
    {
        var help = await Command.RequireAsync("dotnet", Path.Combine(AppContext.BaseDirectory, "../../VnaCloud.Cli/release/vna.dll"), "--help");
        var named = VnaName().Matches(Text).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count >= 5, string.Join(' ', named));
        Assert.All(named, name => Assert.Matches($@"(?m)^\s+{name}\b", help));
    }

    [GeneratedRegex("""psql "\$CONNECTION" -c (?<quote>["'])(?<sql>.*?)\k<quote>""")]
    private static partial Regex Statement();

    [GeneratedRegex(@"(?:`|^)vna ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex VnaName();
}
