using Microsoft.EntityFrameworkCore;
using VnaCloud.Index.Model;
using VnaCloud.Index.Postgres;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Access;

/// <summary>How <see cref="AccessStore"/> gets at the database of its index.</summary>
internal interface IAccessDatabase
{
    Task<T> ReadAsync<T>(Func<IndexDb, Task<T>> read, CancellationToken cancellation);

    /// <summary>For one statement, which is all or nothing by itself.</summary>
    Task<T> WriteAsync<T>(Func<IndexDb, Task<T>> write, CancellationToken cancellation);
}

/// <summary>By the readers and the one writer of the file. SQLite is synchronous: what is handed in has run when it returns.</summary>
internal sealed class SqliteAccessDatabase(ReadPool readers, Func<SqliteWriter> writer) : IAccessDatabase
{
    public Task<T> ReadAsync<T>(Func<IndexDb, Task<T>> read, CancellationToken cancellation) =>
        readers.ReadAsync(session => read(session.Db).GetAwaiter().GetResult(), cancellation);

    public Task<T> WriteAsync<T>(Func<IndexDb, Task<T>> write, CancellationToken cancellation) =>
        writer().WriteAsync(session => write(session.Db).GetAwaiter().GetResult(), cancellation);
}

/// <summary>On the primary: what was revoked a moment ago must not be read as it was.</summary>
internal sealed class PostgresAccessDatabase(PostgresDatabase database) : IAccessDatabase
{
    public Task<T> ReadAsync<T>(Func<IndexDb, Task<T>> read, CancellationToken cancellation) => RunAsync(read);

    public Task<T> WriteAsync<T>(Func<IndexDb, Task<T>> write, CancellationToken cancellation) => RunAsync(write);

    private Task<T> RunAsync<T>(Func<IndexDb, Task<T>> work) => PostgresErrors.GuardAsync(async () =>
    {
        await using var db = new PostgresIndexDb(PostgresIndexDb.Options(database.Primary));
        return await work(db);
    });
}
