using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Postgres;

/// <summary>The model on PostgreSQL.</summary>
internal sealed class PostgresIndexDb(DbContextOptions<PostgresIndexDb> options) : IndexDb(options)
{
    private const string Escape = @"\";

    public static DbContextOptions<PostgresIndexDb> Options(NpgsqlConnection connection) => Options(builder => builder.UseNpgsql(connection));

    public static DbContextOptions<PostgresIndexDb> Options(NpgsqlDataSource source) => Options(builder => builder.UseNpgsql(source));

    private static DbContextOptions<PostgresIndexDb> Options(Action<DbContextOptionsBuilder<PostgresIndexDb>> use)
    {
        var builder = new DbContextOptionsBuilder<PostgresIndexDb>();
        use(builder);
        return builder
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            // Migrations are SQL written by hand; there is no snapshot to compare the model with.
            .ConfigureWarnings(static warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
            .Options;
    }

    public override bool CanNest => true;

    public override Expression<Func<string, bool>> Matches(string pattern)
    {
        var like = pattern.Replace(Escape, Escape + Escape).Replace("%", Escape + "%").Replace("_", Escape + "_").Replace('*', '%').Replace('?', '_');
        return value => EF.Functions.Like(value, like, Escape);
    }
}
