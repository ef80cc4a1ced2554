using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace VnaCloud.Index.Sqlite;

/// <summary>Starts the time limit anew with each statement that EF Core sends.</summary>
internal sealed class StatementClock(SqliteSession session) : DbCommandInterceptor
{
    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        session.RestartClock();
        return result;
    }

    public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        session.RestartClock();
        return result;
    }
}
