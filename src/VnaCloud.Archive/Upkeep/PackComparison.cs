using System.Runtime.CompilerServices;

namespace VnaCloud.Archive;

/// <summary>A pack's key with where it is known.</summary>
/// <param name="Key">The key.</param>
/// <param name="Indexed">Its row; null when nothing refers to it.</param>
/// <param name="IsStored">Whether the store has it.</param>
internal readonly record struct ComparedPack(string Key, IndexedPack? Indexed, bool IsStored);

/// <summary>Goes through the store's listing and the index's rows side by side: both are in the order of keys, so neither is held in memory.</summary>
internal static class PackComparison
{
    private const int Page = 500;

    public static async IAsyncEnumerable<ComparedPack> CompareAsync(UpkeepArchive archive, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var rows = RowsAsync(archive, cancellation).GetAsyncEnumerator(cancellation);
        var row = await rows.MoveNextAsync() ? rows.Current : null;
        await foreach (var key in archive.Store.ListAsync(archive.PackPrefix, cancellation))
        {
            while (row is not null && string.CompareOrdinal(row.Key, key) < 0)
            {
                yield return new ComparedPack(row.Key, row, IsStored: false);
                row = await rows.MoveNextAsync() ? rows.Current : null;
            }
            if (row?.Key == key)
            {
                yield return new ComparedPack(key, row, IsStored: true);
                row = await rows.MoveNextAsync() ? rows.Current : null;
            }
            else
            {
                yield return new ComparedPack(key, null, IsStored: true);
            }
        }
        while (row is not null)
        {
            yield return new ComparedPack(row.Key, row, IsStored: false);
            row = await rows.MoveNextAsync() ? rows.Current : null;
        }
    }

    private static async IAsyncEnumerable<IndexedPack> RowsAsync(UpkeepArchive archive, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = "";
        while (await archive.Upkeep.PacksAsync(new PackSelection.ByOrder(TenantId.Default, after, Page), cancellation) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                yield return row;
            }
            after = page[^1].Key;
        }
    }
}
