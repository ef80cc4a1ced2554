using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Sqlite;

/// <summary>The model on SQLite.</summary>
internal sealed class SqliteIndexDb(DbContextOptions<SqliteIndexDb> options) : IndexDb(options)
{
    public override Expression<Func<string, bool>> Matches(string pattern)
    {
        var glob = pattern.Replace("[", "[[]"); // the one sign that GLOB knows and DICOM does not
        return value => EF.Functions.Glob(value, glob);
    }
}
