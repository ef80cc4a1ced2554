using System.CommandLine;
using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Copies;

internal static class BackupCommand
{
    private const string Description = """
        Copies a data folder, also while a server runs on it: first the index, by SQLite's online backup, then the objects, which never
        change. Objects that are in the backup already are not copied again, so the same folder can be backed up into every night.
        The result is checked: every pack that the copied index names is there, whole. 'vna verify --data OUT' re-hashes it.

        Restore: stop the server, move the damaged data folder away, copy OUT to its place (cp -a OUT ./data), run
        'vna reindex' there, which also applies what was decided while the backup ran, and start the server.

        Examples:
          vna backup --out /mnt/backup/vna
          vna backup --data /srv/vna --out /srv/snapshot --link
        """;

    public static Command Create(Terminal terminal, ArchiveOption archive)
    {
        var output = new Option<string>("--out") { Description = "Folder of the backup.", HelpName = "OUT", Required = true };
        var link = new Option<bool>("--link") { Description = "Hard links instead of copies: at once, but only as safe as the disk they share." };
        var command = new Command("backup", Description) { output, link };
        archive.AddFolderTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(
            terminal, archive.FolderOf(parsed).RequireArchive(), new DataFolder(parsed.GetRequiredValue(output)), parsed.GetValue(link), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, DataFolder from, DataFolder to, bool link, CancellationToken cancellation)
    {
        Require(from, to);
        using var store = from.OpenStore();
        var identity = await DataFolder.IdentityAsync(store, cancellation);
        Directory.CreateDirectory(to.Root);
        using var target = to.OpenStore();
        if (await ArchiveIdentity.ReadAsync(target, cancellation) is { } other && other.ArchiveId != identity.ArchiveId)
        {
            throw new CommandException($"{to.Root} is the backup of another archive.");
        }
        // The index first: objects written after it are harmless in a backup, objects missing would not be.
        await CopyIndexAsync(from, to, cancellation);
        var copier = new BackupCopier(store, target, from.ObjectsPath, to.ObjectsPath, link);
        await terminal.WithProgressAsync("Copying objects", token => CountAsync(store, token),
            progress => copier.RunAsync(progress, cancellation), cancellation);
        var bad = await CheckAsync(terminal, to, target, cancellation);
        terminal.Line($"{copier.Copied} objects {(link ? "linked" : "copied")}, {copier.Present} were there already; {bad} packs of the index are missing in the backup.");
        return bad == 0 ? VnaCommand.Ok : VnaCommand.Failed;
    }

    private static void Require(DataFolder from, DataFolder to)
    {
        if (to.Root == from.Root || to.Root.StartsWith(from.Root + "/", StringComparison.Ordinal) || from.Root.StartsWith(to.Root + "/", StringComparison.Ordinal))
        {
            throw new CommandException("The backup must be outside the data folder.");
        }
        if (File.Exists(to.LockPath))
        {
            throw new CommandException($"{to.Root} is a data folder that a server has used, not a backup: choose another folder.");
        }
    }

    private static async Task CopyIndexAsync(DataFolder from, DataFolder to, CancellationToken cancellation)
    {
        var fresh = to.IndexPath + ".new";
        File.Delete(fresh);
        await using (var index = await from.OpenIndexAsync(readOnly: true, cancellation))
        {
            await index.BackupAsync(fresh, cancellation);
        }
        DurableFiles.SyncFile(fresh);
        File.Delete(to.IndexPath + "-wal");
        File.Delete(to.IndexPath + "-shm");
        File.Move(fresh, to.IndexPath, overwrite: true);
        DurableFiles.SyncDirectory(to.Root);
    }

    private static async Task<long> CountAsync(FolderObjectStore store, CancellationToken cancellation)
    {
        var count = 0L;
        await foreach (var _ in store.ListAsync("", cancellation))
        {
            count++;
        }
        return count;
    }

    private static async Task<int> CheckAsync(Terminal terminal, DataFolder to, FolderObjectStore target, CancellationToken cancellation)
    {
        var bad = 0;
        await using var index = await to.OpenIndexAsync(readOnly: true, cancellation);
        await foreach (var pack in index.PacksAsync(cancellation))
        {
            if (await target.LengthAsync(pack.Key, cancellation) != pack.Length)
            {
                terminal.Error($"pack {pack.Key}: missing in the backup, or of another length.");
                bad++;
            }
        }
        return bad;
    }
}
