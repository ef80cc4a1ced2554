using System.Net.Sockets;
using Npgsql;
using VnaCloud.Archive;

namespace VnaCloud.Index.Postgres;

/// <summary>What to do about an error of the database.</summary>
internal enum Trouble
{
    /// <summary>It lies in the statement or its values.</summary>
    None,

    /// <summary>Two transactions were in each other's way: run again.</summary>
    Collision,

    /// <summary>A row was held for too long.</summary>
    Locked,

    /// <summary>The connection broke or could not be made: what was under way may or may not have happened.</summary>
    Connection,

    /// <summary>The connection broke behind COMMIT: only asking again tells whether it happened.</summary>
    AnswerLost,

    /// <summary>The server has no room, no connection, or no time left.</summary>
    Overload,
}

internal static class PostgresErrors
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public static Trouble Of(Exception error) => error switch
    {
        StudyVanishedException or TakenOverException => Trouble.Collision,
        AnswerLostException => Trouble.AnswerLost,
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => Trouble.Collision,
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => Trouble.Locked,
        // 57P0x: the server stops, stopped or starts; 25P03: it ended our transaction; 25006: it has become a standby.
        PostgresException { SqlState: ['5', '7', 'P', ..] or ['0', '8', ..] or "25P03" or "25P04" or "25006" } => Trouble.Connection,
        PostgresException { SqlState: ['5', '3', ..] or ['5', '8', ..] or PostgresErrorCodes.QueryCanceled } => Trouble.Overload,
        PostgresException => Trouble.None,
        NpgsqlException { InnerException: TimeoutException } pool when pool.Message.Contains("pool", StringComparison.Ordinal) => Trouble.Overload,
        NpgsqlException or SocketException or TimeoutException or EndOfStreamException => Trouble.Connection,
        _ => Trouble.None,
    };

    /// <summary>What is still in the way after all waiting is reported as <see cref="Unavailable"/>.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (Of(error) != Trouble.None)
        {
            throw Unavailable(error);
        }
    }

    /// <summary>The one form in which a server that cannot serve is reported.</summary>
    public static IndexUnavailableException Unavailable(Exception error) =>
        new($"The index's database cannot be used just now ({Reason(error)}).", RetryAfter, error);

    // Messages of constraint errors may repeat values; these do not reach here, but codes say enough.
    private static string Reason(Exception error) => error is PostgresException postgres ? $"SQLSTATE {postgres.SqlState}" : error.GetType().Name;
}

/// <summary>The study's row was deleted between its insertion and its lock: the transaction runs again.</summary>
internal sealed class StudyVanishedException() : Exception("A study was deleted while it was about to be locked.");

/// <summary>COMMIT was sent, and its answer did not come.</summary>
internal sealed class AnswerLostException(Exception inner) : Exception("The answer to COMMIT was lost.", inner);
