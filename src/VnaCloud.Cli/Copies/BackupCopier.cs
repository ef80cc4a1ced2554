using VnaCloud.Archive;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Copies;

/// <summary>Brings objects that a backup does not have yet: each whole under its name or not at all.</summary>
internal sealed class BackupCopier(IObjectStore store, IObjectStore target, string from, string to, bool link)
{
    private const int Step = 1 << 20;

    public long Copied { get; private set; }

    public long Present { get; private set; }

    public async Task<long> RunAsync(Action<long> progress, CancellationToken cancellation)
    {
        var linkedInto = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in store.ListAsync("", cancellation))
        {
            var length = await store.LengthAsync(key, cancellation) ?? throw new ObjectMissingException(key);
            if (await target.LengthAsync(key, cancellation) is not { } present)
            {
                await BringAsync(key, length, linkedInto, cancellation);
                Copied++;
            }
            else if (present == length)
            {
                Present++;
            }
            else
            {
                throw new CommandException($"The backup's object {key} has another length than the archive's: choose an empty folder.");
            }
            progress(Copied + Present);
        }
        foreach (var directory in linkedInto)
        {
            DurableFiles.SyncDirectory(directory);
        }
        return Copied;
    }

    private async Task BringAsync(string key, long length, HashSet<string> linkedInto, CancellationToken cancellation)
    {
        if (link)
        {
            var name = Path.Combine(to, key);
            var directory = Path.GetDirectoryName(name)!;
            Directory.CreateDirectory(directory);
            DurableFiles.HardLink(Path.Combine(from, key), name);
            linkedInto.Add(directory);
            return;
        }
        var buffer = new byte[(int)Math.Min(Step, Math.Max(1, length))];
        await using var upload = await target.CreateAsync(key, cancellation);
        while (upload.Length < length)
        {
            var read = await store.ReadAsync(key, upload.Length, buffer, cancellation);
            if (read == 0)
            {
                throw new TruncatedObjectException(key);
            }
            await upload.AppendAsync(buffer.AsMemory(0, read), cancellation);
            upload.Seal();
        }
        await upload.CompleteAsync(cancellation);
    }
}
