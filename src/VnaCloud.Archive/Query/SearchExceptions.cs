namespace VnaCloud.Archive;

/// <summary>A cursor that no search page gave out: the client's fault, a 400.</summary>
public sealed class InvalidCursorException() : Exception("The cursor is not one that a search of this level gave out.");

/// <summary>A search exceeded the index's time limit for one statement.</summary>
public sealed class SearchTooSlowException(TimeSpan limit, Exception? inner = null)
    : Exception($"The search did not finish within {limit.TotalSeconds:0.#} s.", inner)
{
    /// <summary>The limit that was reached.</summary>
    public TimeSpan Limit { get; } = limit;
}
