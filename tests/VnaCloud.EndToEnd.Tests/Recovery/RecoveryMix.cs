namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>One of everything that an index must be able to tell again: conflicts, repetitions, deletes, what was stored again or restored.</summary>
internal static class RecoveryMix
{
    private const int Studies = 10;
    private const int PerRequest = 100;

    public static async Task StoreAsync(ArchiveClient client, CloudArchive archive, StoredStudies stored)
    {
        for (var study = 1; study <= Studies; study++)
        {
            await stored.StoreAsync(client, study, 1..9);
            await stored.StoreAsync(client, study, 1..7, series: 2);
        }
        await stored.StoreAsync(client, 1, 1..5); // the same again
        await stored.ConflictAsync(client, 2, 1, 3);
        await stored.DeleteAsync(client, stored.Path(3, 1, 2));
        await stored.StoreAsync(client, 3, 2..3);
        await stored.DeleteAsync(client, $"studies/{stored.Study(4)}/series/{stored.Study(4)}.2");
        await stored.DeleteAsync(client, $"studies/{stored.Study(5)}");
        await stored.DeleteAsync(client, stored.Path(6, 1, 1));
        await stored.StoreAsync(client, 6, 1..2, content: 1); // with other bytes
        await stored.ConflictAsync(client, 6, 1, 1);
        await stored.DeleteAsync(client, stored.Path(7, 1, 3));
        await stored.StoreAsync(client, 7, 3..4);
        await stored.DeleteAsync(client, stored.Path(7, 1, 3));
        await stored.DeleteAsync(client, stored.Path(8, 1, 4));
        await archive.VnaAsync("undelete", "--study", stored.Study(8));
        stored.Restored(8, 1, 4);
        await stored.DeleteAsync(client, stored.Path(9, 1, 1)); // the one that the study's attributes came from
    }

    /// <summary>One study of many instances, which take more than one transaction to bring back.</summary>
    public static async Task StoreManyAsync(ArchiveClient client, StoredStudies stored, int instances)
    {
        for (var first = 1; first <= instances; first += PerRequest)
        {
            await stored.StoreAsync(client, Studies + 1, first..(first + PerRequest));
        }
    }

    /// <summary>After a backup was taken: into new studies and old ones, against what was there and what was not.</summary>
    public static async Task GoOnAsync(ArchiveClient client, CloudArchive archive, StoredStudies stored)
    {
        for (var study = 1; study <= 20; study += 2)
        {
            await stored.StoreAsync(client, study, 20..26, series: 3);
        }
        await stored.DeleteAsync(client, stored.Path(1, 1, 1));
        await stored.DeleteAsync(client, stored.Path(1, 3, 21));
        await stored.StoreAsync(client, 1, 1..2, content: 2);
        await stored.ConflictAsync(client, 2, 2, 2);
        await stored.DeleteAsync(client, $"studies/{stored.Study(10)}");
        await stored.DeleteAsync(client, $"studies/{stored.Study(13)}");
        await archive.VnaAsync("undelete", "--study", stored.Study(4), "--instance", $"{stored.Study(4)}.2.1");
        stored.Restored(4, 2, 1);
    }

    /// <summary>`vna compact`, killed when one study is compacted and the next is written but not yet in the index.</summary>
    public static async Task KillCompactionAsync(CloudArchive archive)
    {
        var before = (await archive.KeysAsync()).Count;
        await archive.Database.SetClockAheadAsync(TimeSpan.FromMinutes(20)); // studies are quiet
        await archive.Database.HoldAsync("retired_pack");
        using var compact = archive.BeginVna("compact");
        await archive.Database.WaitForHeldAsync();
        await compact.Kill9Async();
        await archive.Database.ReleaseAsync();
        await archive.Database.ResetClockAsync();
        Assert.Equal(before + 2, (await archive.KeysAsync()).Count);
    }
}
