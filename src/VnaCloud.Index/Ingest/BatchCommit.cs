using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>All packs in one transaction; where that fails for a reason that lies in a pack, each by itself, so that only the guilty one fails.</summary>
internal static class BatchCommit
{
    public static IReadOnlyList<PackResult> Run(IReadOnlyList<PackCommit> packs, Func<IReadOnlyList<PackCommit>, IReadOnlyList<PackResult>> commit)
    {
        try
        {
            return packs.Count == 0 ? [] : commit(packs);
        }
        catch (Exception error) when (packs.Count > 1 && IsOfOnePack(error))
        {
            return [.. packs.Select(pack => Alone(pack, commit))];
        }
    }

    /// <summary>A full or failing disk, or a database that is not there, fails every pack alike.</summary>
    public static bool IsOfOnePack(Exception error) => error is not (IOException or OperationCanceledException or OutOfMemoryException);

    public static PackResult Refused(PackCommit pack, Exception error) =>
        new([], new HashSet<int>(), $"The index cannot take the pack {pack.Pack}: {error.Message}");

    private static PackResult Alone(PackCommit pack, Func<IReadOnlyList<PackCommit>, IReadOnlyList<PackResult>> commit)
    {
        try
        {
            return commit([pack])[0];
        }
        catch (Exception error) when (IsOfOnePack(error))
        {
            return Refused(pack, error);
        }
    }
}
