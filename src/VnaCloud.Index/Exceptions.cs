namespace VnaCloud.Index;

/// <summary>The index cannot be opened; the message is a sentence for the operator that says what to do.</summary>
public sealed class IndexOpenException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The disk, or the size limit of the index, has no room for the commit; nothing was changed.</summary>
public sealed class IndexFullException : IOException
{
    /// <summary>ENOSPC, which the file system reports in the same field.</summary>
    private const int NoSpace = 28;

    internal IndexFullException(Exception inner) : base("There is no room left for the index.", inner) => HResult = NoSpace;
}
